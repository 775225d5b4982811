import { entityKey } from '../entity.ts'
import type { History } from '../history.ts'
import { spread } from './kernel.ts'
import {
  certainty,
  LABELS,
  type Label,
  type LabelOptions,
  labelsOf,
  type PriorOdds,
  RELATIVE_LEVELS,
} from './labels.ts'
import { logistic } from './normal.ts'
import { TRUST, type TrustOptions, trustOf } from './trust.ts'

export interface EvidenceOptions extends LabelOptions, TrustOptions {
  /** Labels of a kind that are looked at, the latest. */
  readonly mostLabels: number
}

export const EVIDENCE: EvidenceOptions = { ...LABELS, ...TRUST, mostLabels: 1000 }

/** Labels spread over the severities that they speak for, each array by relative level. */
export interface Density {
  readonly useful: Float64Array
  readonly noise: Float64Array
}

/** What the verdicts on all entities of a kind say together. */
export interface Pool {
  readonly trust: (author: string) => number
  /** Of each entity by its key. */
  readonly own: ReadonlyMap<string, Density>
  readonly all: Density
  /** Verdicts that the kind's word is worth for one of its entities: few where entities differ, many where they are alike. */
  readonly alike: number
}

const even = (right: number) => () => right

/** @param company histories of all entities of a kind */
export function poolOf(
  company: readonly History[],
  nowMinute: number,
  priorOdds: PriorOdds,
  options = EVIDENCE,
): Pool {
  const plain = company.flatMap((history) =>
    labelsOf(history, nowMinute, priorOdds, even(options.right), options),
  )
  const trust = trustOf(latest(plain, options.mostLabels), options)
  const labels = company.flatMap((history) => labelsOf(history, nowMinute, priorOdds, trust, options))
  const own = new Map<string, Density>()
  const all = empty()
  for (const label of latest(labels, options.mostLabels)) {
    const density = own.get(label.entity) ?? empty()
    own.set(label.entity, density)
    const amount = label.represents * certainty(label.odds)
    const useful = logistic(label.prior + label.odds)
    for (const sums of [density, all]) {
      spread(sums.useful, label.level, amount * useful, 'useful')
      spread(sums.noise, label.level, amount * (1 - useful), 'noise')
    }
  }
  return { trust, own, all, alike: alikeness(labels) }
}

/** @returns an entity's own labels; none where nobody has judged it */
export const densityOf = (pool: Pool, history: History): Density =>
  pool.own.get(entityKey(history.entity)) ?? empty()

const empty = (): Density => ({
  useful: new Float64Array(RELATIVE_LEVELS),
  noise: new Float64Array(RELATIVE_LEVELS),
})

const givenAt = ({ verdicts }: Label): number =>
  Math.max(...verdicts.map(({ givenAtMinute }) => givenAtMinute))

function latest(labels: readonly Label[], most: number): readonly Label[] {
  if (labels.length <= most) return labels
  return labels.toSorted((a, b) => givenAt(b) - givenAt(a)).slice(0, most)
}

/** Strengths that are tried, and how much more likely each is held before anything is known: entities differ, as a rule. */
const STRENGTHS = [1, 2, 4, 8, 16]

/**
 * Strength of a beta prior about the kind's share of useful episodes, by the largest marginal likelihood of the counts of its entities
 * (empirical Bayes; B. Efron, C. Morris 1973, for the beta-binomial).
 */
function alikeness(labels: readonly Label[]): number {
  const counts = new Map<string, { useful: number; noise: number }>()
  let useful = 1
  let noise = 1
  for (const { entity, odds, prior } of labels) {
    const count = counts.get(entity) ?? { useful: 0, noise: 0 }
    counts.set(entity, count)
    const amount = certainty(odds)
    const share = logistic(prior + odds)
    count.useful += amount * share
    useful += amount * share
    count.noise += amount * (1 - share)
    noise += amount * (1 - share)
  }
  const share = useful / (useful + noise)
  let best = { strength: 2, likelihood: Number.NEGATIVE_INFINITY }
  for (const strength of STRENGTHS) {
    // A weak pull towards 2, so that a handful of verdicts does not decide that all entities are one.
    let likelihood = -0.5 * Math.log2(strength / 2) ** 2
    for (const count of counts.values())
      likelihood +=
        logBeta(strength * share + count.useful, strength * (1 - share) + count.noise) -
        logBeta(strength * share, strength * (1 - share))
    if (likelihood > best.likelihood) best = { strength, likelihood }
  }
  return best.strength
}

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b)

/** Natural logarithm of the gamma function of x > 0, by Stirling's series from 7 on; off by less than 1e-9. */
function logGamma(x: number): number {
  let shift = 0
  let at = x
  for (; at < 7; at++) shift -= Math.log(at)
  const z = 1 / (at * at)
  const series = (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z / 1680))) / at
  return shift + (at - 0.5) * Math.log(at) - at + 0.9189385332046727 + series
}
