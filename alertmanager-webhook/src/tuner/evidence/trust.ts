import { likeness } from './kernel.ts'
import type { Label } from './labels.ts'

export interface TrustOptions {
  /** Share of right verdicts of an author of whom nothing is known, and how many verdicts that knowledge is worth. */
  readonly right: number
  readonly worth: number
  /** Verdicts of one author in a day that count in full; of more, each counts less. */
  readonly perDay: number
}

export const TRUST: TrustOptions = { right: 0.95, worth: 10, perDay: 50 }
/** What others' labels of another entity say of one's own, beside those of the same entity. */
const ELSEWHERE = 0.2
/** What is believed of an episode with nothing else known of it. */
const PRIOR = 1

/**
 * How far each author can be believed: the share of verdicts that agree with what others say of the same episode and of episodes of
 * about the same severity, of the same entity first; drawn towards `right`. An author who always lies among honest ones falls under one half, and then counts nothing. An
 * author nobody else can be compared with stays where everyone starts.
 *
 * After the one-coin model of A. Dawid, A. Skene: Maximum likelihood estimation of observer error-rates using the EM algorithm (1979),
 * with the neighbourhood in place of repeated answers, which are rare here.
 */
export function trustOf(labels: readonly Label[], options: TrustOptions = TRUST): (author: string) => number {
  const { right, worth, perDay } = options
  const seen = new Map<string, { agreed: number; compared: number }>()
  const floods = floodsOf(labels, perDay)
  for (const label of labels) {
    for (const { author, value, weight } of label.verdicts) {
      const useful = value === 'true_positive'
      const { share, worth: sure } = othersOn(labels, label, author)
      const agreement = useful ? share : 1 - share
      const counted = weight * sure
      const place = seen.get(author) ?? { agreed: 0, compared: 0 }
      place.agreed += counted * agreement
      place.compared += counted
      seen.set(author, place)
    }
  }
  return (author) => {
    const place = seen.get(author)
    const flood = floods.get(author) ?? 1
    const trusted = place === undefined ? right : (right * worth + place.agreed) / (worth + place.compared)
    return 0.5 + (trusted - 0.5) * flood
  }
}

/** What others say of an episode and of those like it: the share that is useful, and how sure that is, from 0 to 1. */
function othersOn(labels: readonly Label[], own: Label, author: string) {
  let useful = 0
  let all = 0
  for (const label of labels) {
    const near = likeness(label.level, own.level)
    if (near < 0.1) continue
    const same = label === own ? 1 : label.entity === own.entity ? near : ELSEWHERE * near
    for (const verdict of label.verdicts) {
      if (verdict.author === author) continue
      const counted = same * verdict.weight
      all += counted
      if (verdict.value === 'true_positive') useful += counted
    }
  }
  const share = all > 0 ? useful / all : 0.5
  return { share, worth: (all / (all + PRIOR)) * Math.abs(2 * share - 1) }
}

/** Factor by which an author's words count less for giving many in a day. */
function floodsOf(labels: readonly Label[], perDay: number): Map<string, number> {
  const days = new Map<string, Map<number, number>>()
  for (const { verdicts } of labels)
    for (const { author, givenAtMinute } of verdicts) {
      const day = Math.floor(givenAtMinute / 1440)
      const own = days.get(author) ?? new Map<number, number>()
      own.set(day, (own.get(day) ?? 0) + 1)
      days.set(author, own)
    }
  return new Map(
    [...days].map(([author, counts]) => [author, Math.min(1, perDay / Math.max(...counts.values()))]),
  )
}
