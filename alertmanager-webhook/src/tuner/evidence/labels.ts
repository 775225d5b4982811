import { entityKey } from '../entity.ts'
import type { History } from '../history.ts'
import { LEVELS, levelOf } from '../severity.ts'
import type { Verdict } from '../verdict.ts'
import { logit } from './normal.ts'

/** Levels above the untuned threshold, and as many below: entities of a kind are compared by how far they are over their own start. */
export const RELATIVE_LEVELS = 2 * LEVELS - 1
const relativeLevel = (peak: number, initial: number): number => levelOf(peak) - levelOf(initial) + LEVELS - 1

/** What the verdicts on one episode come to. */
export interface Label {
  readonly entity: string
  /** Of its peak, relative to the untuned threshold. */
  readonly level: number
  /** Log-odds that it was useful, of the verdicts alone. */
  readonly odds: number
  /** Log-odds before any verdict: who errs once in twenty times errs most often where hardly anything is useful. */
  readonly prior: number
  /** For how many episodes like it the answer stands: the inverse of its propensity, capped. */
  readonly represents: number
  readonly verdicts: readonly Verdict[]
}

export interface LabelOptions {
  /** Share of verdicts that are right, of an author of whom nothing is known. */
  readonly right: number
  /** Days after which a verdict counts half. */
  readonly halfLifeDays: number
  /**
   * Largest inverse propensity. Who is asked depends on the severity alone, and shares are told by severity, so that weights right next to no
   * bias; a large one lets a single answer, which may be the wrong one in twenty, rule all others.
   */
  readonly mostRepresented: number
}

export const LABELS: LabelOptions = { right: 0.95, halfLifeDays: 30, mostRepresented: 2 }

/** Log-odds that an episode of an entity with this peak is useful, before anybody has judged one. */
export type PriorOdds = (history: History) => (peak: number) => number

/**
 * Labels of the episodes that were judged, but for missed incidents: only useful ones are ever reported, so they tell nothing of what share is.
 *
 * @param trust share of an author's verdicts that are taken to be right; left out: `right`
 */
export function labelsOf(
  history: History,
  nowMinute: number,
  priorOdds: PriorOdds,
  trust: (author: string) => number,
  options: LabelOptions = LABELS,
): Label[] {
  const labels: Label[] = []
  const before = priorOdds(history)
  const entity = entityKey(history.entity)
  for (const { peak, verdicts } of history.episodes) {
    const asked = verdicts.filter(({ origin }) => origin !== 'missed')
    if (asked.length === 0) continue
    const propensity = Math.max(...asked.map((verdict) => verdict.propensity))
    labels.push({
      entity,
      level: relativeLevel(peak, history.initial),
      odds: oddsOf(asked, nowMinute, trust, options),
      prior: before(peak),
      represents: Math.min(options.mostRepresented, 1 / propensity),
      verdicts: asked,
    })
  }
  return labels
}

/** Log-odds of several authors' words, who err independently. */
export function oddsOf(
  verdicts: readonly Verdict[],
  nowMinute: number,
  trust: (author: string) => number,
  { halfLifeDays }: LabelOptions,
): number {
  let odds = 0
  for (const { value, weight, author, givenAtMinute } of verdicts) {
    const age = Math.max(0, nowMinute - givenAtMinute) / (1440 * halfLifeDays)
    const worth = weight * 0.5 ** age * Math.max(0, logit(trust(author)))
    odds += value === 'true_positive' ? worth : -worth
  }
  return odds
}

/** How much a label counts: 1 when it is certain, 0 when its authors contradict each other or are not trusted. */
export const certainty = (odds: number): number => Math.abs(Math.tanh(odds / 2))
