import { type Interval, wilson } from './interval.ts'
import type { MissedEvidence, Outcome } from './outcome.ts'
import { recall } from './recall.ts'

/** What the alerts of one group were worth. */
export interface Row {
  readonly name: string
  readonly ours: boolean | null
  readonly alerts: number
  readonly useful: number
  readonly noise: number
  readonly precision: Interval | null
  readonly recall: Interval | null
  readonly silenced: number
  readonly median_acknowledge_s: number | null
  readonly median_duration_s: number | null
  readonly alerts_per_shift: number
}

/** @param missed what is known to be missed where these alerts look @param shifts of one person, in the time */
export function rowOf(
  name: string,
  alerts: readonly Outcome[],
  missed: readonly MissedEvidence[],
  shifts: number,
): Row {
  const ours = alerts.filter((alert) => alert.ours).length
  const useful = alerts.filter(({ verdict }) => verdict === 'true_positive').length
  const noise = alerts.filter(({ verdict }) => verdict === 'false_positive').length
  return {
    name,
    ours: ours === 0 ? false : ours === alerts.length ? true : null,
    alerts: alerts.length,
    useful,
    noise,
    precision: wilson(useful, useful + noise),
    recall: recall(useful, {
      reported: missed.filter(({ probability }) => probability === undefined).length,
      answers: missed.flatMap(({ probability, wrong }) =>
        probability === undefined ? [] : [{ probability, wrong }],
      ),
    }),
    silenced: alerts.filter(({ silenced }) => silenced).length,
    median_acknowledge_s: median(
      alerts.flatMap(({ notifiedMs, acknowledgedMs }) =>
        notifiedMs === undefined || acknowledgedMs === undefined
          ? []
          : [Math.max(0, acknowledgedMs - notifiedMs) / 1000],
      ),
    ),
    median_duration_s: median(
      alerts.flatMap(({ startedMs, endedMs }) =>
        endedMs === undefined ? [] : [Math.max(0, endedMs - startedMs) / 1000],
      ),
    ),
    alerts_per_shift: alerts.filter(({ notifiedMs }) => notifiedMs !== undefined).length / shifts,
  }
}

/** The mean of the two in the middle of an even number; null of none. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[sorted.length >> 1]
  const lower = sorted[(sorted.length - 1) >> 1]
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2
}
