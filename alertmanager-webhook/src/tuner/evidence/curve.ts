import { type CostOptions, missed, pagesOverBudget } from '../cost.ts'
import type { Judged } from '../history.ts'
import { firingFrom, LEVELS, severityOf } from '../severity.ts'
import type { Beliefs } from './beliefs.ts'
import { normalBelow } from './normal.ts'

/** What thresholds would cost by what is believed; arrays have one number for each level that a threshold may have, and one more. */
export interface Curve {
  readonly days: number
  /** Expected cost of a day at a threshold of this level, without what no threshold could find. */
  readonly costs: Float64Array
  /** Sums over the levels below: episodes, what they would cost if they all turned out the other way, shares and their worth by episode. */
  readonly count: Float64Array
  readonly swing: Float64Array
  readonly share: Float64Array
  readonly worth: Float64Array
}

/** @param episodes those that the beliefs are about @param days that they are of */
export function curveOf(
  episodes: readonly Judged[],
  beliefs: Beliefs,
  fromMinute: number,
  days: number,
  cost: CostOptions,
  burn: number,
): Curve {
  const { useful, noise, usefulness } = beliefs
  const [count, swing, share, worth] = [sums(), sums(), sums(), sums()]
  const costs = sums()
  let alerts = 0
  for (let level = 0; level < LEVELS; level++) {
    const here = useful[level]! + noise[level]!
    const miss = missed(severityOf(level), cost, burn)
    alerts += cost.falsePositive * noise[level]!
    costs[level + 1] = costs[level]! + miss * useful[level]! - cost.falsePositive * noise[level]!
    count[level + 1] = count[level]! + here
    swing[level + 1] = swing[level]! + here * (cost.falsePositive + miss)
    share[level + 1] = share[level]! + here * usefulness.share[level]!
    worth[level + 1] = worth[level]! + here * usefulness.worth[level]!
  }
  const pages = pagesOverBudget(episodes, fromMinute, cost.pagesPerDay)
  for (let level = 0; level <= LEVELS; level++)
    costs[level] = (costs[level]! + alerts + cost.page * pages[level]!) / days
  return { days, costs, count, swing, share, worth }
}

const sums = () => new Float64Array(LEVELS + 1)

/** Expected cost of a day at a threshold. */
export const costAt = ({ costs }: Curve, threshold: number): number => costs[firingFrom(threshold)]!

export interface Change {
  /** Expected change of the cost of a day: below 0 is better. */
  readonly cost: number
  /** Its standard deviation. */
  readonly deviation: number
  /** Probability that the cost falls. */
  readonly confidence: number
}

/**
 * What going from one threshold to another changes. All that is unknown is the share that is useful between the two: one beta
 * variable that stands on the verdicts there. (Its levels are not independent; taken as one they are told less surely than they may be.)
 */
export function changeOf(curve: Curve, from: number, to: number): Change {
  const low = firingFrom(Math.min(from, to))
  const high = firingFrom(Math.max(from, to))
  const between = (of: Float64Array) => of[high]! - of[low]!
  const cost = costAt(curve, to) - costAt(curve, from)
  const count = between(curve.count)
  if (count < 1e-9) return { cost, deviation: 0, confidence: cost < 0 ? 1 : cost > 0 ? 0 : 0.5 }
  const mean = between(curve.share) / count
  const worth = between(curve.worth) / count
  const deviation = (between(curve.swing) / curve.days) * Math.sqrt((mean * (1 - mean)) / (worth + 1))
  return { cost, deviation, confidence: normalBelow(-cost / Math.max(deviation, 1e-12)) }
}
