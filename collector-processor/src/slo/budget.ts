import { HOUR_MS, type Measure } from './measure.ts'
import type { Objective } from './objective.ts'
import { bounds } from './period.ts'
import type { Counts } from './ring.ts'

/** The error budget of a period, as far as it was counted. */
export interface Budget {
  readonly fromMs: number
  readonly counts: Counts
  readonly bad: number
  /** Bad requests that the target allows in the whole period. */
  readonly allowed: number
  /** undefined without requests. */
  readonly left: number | undefined
}

const MINUTE_MS = 60_000

/** Hours of the period that holds `nowMs`, the current one included, and those of them that could be counted. */
function extent({ period }: Objective, sinceMs: number, nowMs: number) {
  const { fromMs, toMs } = bounds(period, nowMs)
  // A rolling period is its last hours, the current one among them.
  const firstMs = period.kind === 'rolling' ? fromMs + HOUR_MS : fromMs
  const coveredMs = Math.max(MINUTE_MS, nowMs - Math.max(fromMs, sinceMs))
  return { fromMs, firstMs, lengthMs: toMs - fromMs, coveredMs: Math.min(coveredMs, toMs - fromMs) }
}

/**
 * What is left of the budget: 1 - bad / allowed. `allowed` is for the whole period: time of it that lies ahead, or in which
 * nobody counted yet, is taken to be as busy as the rest, so that a bad hour after the first start is not a bad month.
 * For a rolling period that was counted from end to end this is 1 - (bad / total) / (1 - target).
 */
export function budgetOf(objective: Objective, measure: Measure, nowMs: number): Budget {
  const { fromMs, firstMs, lengthMs, coveredMs } = extent(objective, measure.sinceMs, nowMs)
  const counts = measure.hours(firstMs, nowMs)
  const bad = Math.max(0, counts.total - counts.good)
  const allowed = ((1 - objective.target) * counts.total * lengthMs) / coveredMs
  return { fromMs, counts, bad, allowed, left: counts.total > 0 ? 1 - bad / allowed : undefined }
}

/**
 * When the budget is gone if requests go on as in `recent`, which is of the last `recentMs`; undefined when it lasts: to the
 * end of a calendar period, or for good in a rolling one, whose old hours leave it again.
 */
export function runsOutAt(
  objective: Objective,
  measure: Measure,
  recent: Counts,
  recentMs: number,
  nowMs: number,
): number | undefined {
  const budget = budgetOf(objective, measure, nowMs)
  if (budget.left === undefined) return undefined
  if (budget.left <= 0) return nowMs
  const countedMs = Math.max(MINUTE_MS, Math.min(recentMs, nowMs - measure.sinceMs))
  const hourly = HOUR_MS / countedMs
  const bad = Math.max(0, recent.total - recent.good) * hourly
  if (bad === 0) return undefined
  return forecast(objective, measure, { total: recent.total * hourly, bad }, budget.left, nowMs)
}

/** Goes on hour by hour: old hours leave a rolling period, the same new one comes each time. */
function forecast(
  objective: Objective,
  measure: Measure,
  hourly: { total: number; bad: number },
  leftNow: number,
  nowMs: number,
): number | undefined {
  const { period, target } = objective
  const { firstMs, lengthMs } = extent(objective, measure.sinceMs, nowMs)
  const rolling = period.kind === 'rolling'
  const endMs = rolling ? nowMs + lengthMs : firstMs + lengthMs
  const old = measure.hours(firstMs, nowMs)
  let total = old.total
  let bad = old.total - old.good
  let before = leftNow
  for (let hours = 1; nowMs + (hours - 1) * HOUR_MS < endMs; hours++) {
    const atMs = nowMs + hours * HOUR_MS
    const gone = rolling ? measure.hour(firstMs + (hours - 1) * HOUR_MS) : { total: 0, good: 0 }
    total += hourly.total - gone.total
    bad += hourly.bad - (gone.total - gone.good)
    const fromMs = rolling ? atMs - lengthMs : firstMs
    const coveredMs = Math.min(lengthMs, Math.max(MINUTE_MS, atMs - Math.max(fromMs, measure.sinceMs)))
    const left = 1 - (bad * coveredMs) / ((1 - target) * total * lengthMs)
    if (left <= 0) {
      const outMs = nowMs + (hours - 1 + before / (before - left)) * HOUR_MS
      return outMs < endMs ? outMs : undefined
    }
    before = left
  }
  return undefined
}
