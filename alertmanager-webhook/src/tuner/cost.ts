import { LEVELS, levelOf } from './severity.ts'
import { checkNumber } from './tuner-error.ts'

/** What alerts and missed incidents cost. The unit is one false alert. */
export interface CostOptions {
  readonly falsePositive: number
  /** Of a missed incident of severity 1. */
  readonly falseNegative: number
  /** Of each page over the budget of a day. */
  readonly page: number
  /** Pages of one entity in a day that are within the budget; a whole number. */
  readonly pagesPerDay: number
  /** How many times more a missed incident costs while the error budget burns too fast. */
  readonly burning: number
}

export const COST: CostOptions = {
  falsePositive: 1,
  falseNegative: 3,
  page: 0.5,
  pagesPerDay: 3,
  burning: 2,
}

/** @throws TunerError */
export function checkCost(cost: CostOptions): void {
  for (const [name, value] of Object.entries(cost)) checkNumber(`cost ${name}`, value, 0, 1e6)
}

/** Cost of missing an episode. */
export const missed = (peak: number, cost: CostOptions, burn: number): number =>
  cost.falseNegative * peak * (burn > 1 ? cost.burning : 1)

/**
 * Pages over the budget of their days, by level of the threshold, and one more for a threshold over all: of the episodes of a day, in the
 * order of their peaks, those after the first `pagesPerDay`.
 */
export function pagesOverBudget(
  episodes: readonly { readonly startMinute: number; readonly peak: number }[],
  fromMinute: number,
  pagesPerDay: number,
): Float64Array {
  const days = Map.groupBy(episodes, ({ startMinute }) =>
    Math.floor((startMinute - fromMinute) / DAY_MINUTES),
  )
  const over = new Float64Array(LEVELS + 1)
  for (const day of days.values()) {
    const levels = day.map(({ peak }) => levelOf(peak)).sort((one, other) => other - one)
    for (const level of levels.slice(Math.ceil(pagesPerDay))) over[level]!++
  }
  for (let level = LEVELS - 1; level >= 0; level--) over[level]! += over[level + 1]!
  return over
}

export const DAY_MINUTES = 1440
