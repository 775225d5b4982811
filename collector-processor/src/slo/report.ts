import type { SloStatus, SloWindow } from '@adf/contract'
import { budgetOf, runsOutAt } from './budget.ts'
import { burnRate } from './burn.ts'
import { burningNow } from './burning.ts'
import { sameBound } from './fast-enough.ts'
import type { FiringAlert, Subject } from './firing.ts'
import type { Measure } from './measure.ts'
import type { Objective } from './objective.ts'
import { bounds, periodText } from './period.ts'
import type { Counts } from './ring.ts'
import { BURN_ALERTS, BURN_WINDOWS } from './windows.ts'
import { demandText, percentText, targetText } from './words.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** What `GET /api/slo` tells of one objective. */
export function statusOf(
  { objective, measure, requests }: Subject,
  firing: readonly FiringAlert[],
  alerting: boolean,
  nowMs: number,
): SloStatus {
  const { name, displayName, service, indicator, target, period, origin } = objective
  const budget = budgetOf(objective, measure, nowMs)
  const hour = measure.window('1h', nowMs)
  const runsOutMs = runsOutAt(objective, measure, hour, HOUR_MS, nowMs)
  const source = requests.source.at(nowMs) ?? null
  return {
    name,
    display_name: displayName,
    service,
    indicator: indicator.kind,
    threshold_ms: indicator.kind === 'latency' ? indicator.thresholdMs : null,
    objective: target,
    origin,
    alerting,
    source,
    since: time(measure.sinceMs),
    problem: problemOf(objective, measure, source, budget.counts),
    windows: [
      ...BURN_WINDOWS.map((window) => row(window, measure.window(window, nowMs), target)),
      row('30d', measure.hours(nowMs - 30 * DAY_MS + HOUR_MS, nowMs), target),
    ],
    budget: {
      period: periodText(period),
      from: time(bounds(period, nowMs).fromMs),
      total: budget.counts.total,
      bad: budget.bad,
      allowed: budget.allowed,
      left: budget.left ?? null,
      runs_out_at: runsOutMs === undefined ? null : time(runsOutMs),
    },
    alerts: firing.map(({ alert, sinceMs }) => ({
      severity: alert.severity,
      window: alert.long,
      burn_rate: alert.factor,
      since: time(sinceMs),
      summary: burningNow(objective, measure, alert.long, nowMs),
    })),
    summary:
      budget.left === undefined
        ? `${demandText(objective)}; no request was counted yet`
        : `${percentText(budget.left)} of the error budget is left; ${burningNow(objective, measure, '1h', nowMs)}`,
  }
}

const time = (ms: number) => new Date(ms).toISOString()

function row(window: SloWindow['window'], counts: Counts, target: number): SloWindow {
  const { total } = counts
  // Sums of fractions may be off in their last digit.
  const good = Math.min(total, Math.max(0, counts.good))
  return {
    window,
    total,
    good,
    ratio: total > 0 ? good / total : null,
    burn_rate: burnRate({ total, good }, target) ?? null,
  }
}

function problemOf(
  { service, indicator, target }: Objective,
  measure: Measure,
  source: SloStatus['source'],
  counts: Counts,
): string | null {
  const problems: string[] = []
  if (counts.total === 0)
    problems.push(
      `no request of ${service} was counted: it serves none, sends no telemetry, or is named otherwise in it (GET /api/graph has the names)`,
    )
  const bound = measure.boundMs
  if (indicator.kind === 'latency' && source === 'metrics' && bound !== undefined) {
    const { thresholdMs } = indicator
    if (Number.isNaN(bound))
      problems.push(
        `the histograms of ${service} have no bucket that ends at ${thresholdMs} ms or below: what is fast enough is not known, and nothing is counted`,
      )
    else if (!sameBound(bound, thresholdMs))
      problems.push(
        `${thresholdMs} ms is no bucket boundary of the histograms of ${service}: requests up to ${Number(bound.toPrecision(6))} ms, the next lower one, count as good`,
      )
  }
  const highest = 1 / (1 - target)
  const never = BURN_ALERTS.filter(({ factor }) => highest <= factor).map(({ factor }) => factor)
  if (never.length > 0)
    problems.push(
      `an objective of ${targetText(target)} burns ${Number(highest.toPrecision(3))} times too fast at most: it never reaches the burn rate ${never.join(' or ')} that pages`,
    )
  return problems.length === 0 ? null : problems.join('; ')
}
