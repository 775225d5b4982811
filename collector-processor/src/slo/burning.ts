import { budgetOf, runsOutAt } from './budget.ts'
import { type Measure, MINUTE_MS } from './measure.ts'
import type { Objective } from './objective.ts'
import { type BurnWindow, WINDOW_MINUTES } from './windows.ts'
import { burningText } from './words.ts'

/** The sentence for people about what a window used, and when the budget is gone. */
export function burningNow(
  objective: Objective,
  measure: Measure,
  window: BurnWindow,
  nowMs: number,
): string {
  const counts = measure.window(window, nowMs)
  const { allowed, left } = budgetOf(objective, measure, nowMs)
  const runsOutMs = runsOutAt(objective, measure, counts, WINDOW_MINUTES[window] * MINUTE_MS, nowMs)
  const used = allowed > 0 ? Math.max(0, counts.total - counts.good) / allowed : 0
  return burningText(objective, { window, used, runsOutMs, left, nowMs })
}
