import type { SloStatus, SloWindow } from '@adf/contract'

const AT = '2026-03-01T00:00:00.000Z'

/** An objective of a service whose windows burn at these rates; null: a window without requests. */
export function objectiveBurning(
  service: string,
  rates: Partial<Record<SloWindow['window'], number | null>>,
  more: Partial<SloStatus> = {},
): SloStatus {
  return {
    name: `${service}-availability`,
    display_name: null,
    service,
    indicator: 'availability',
    threshold_ms: null,
    objective: 0.99,
    origin: 'configuration',
    alerting: true,
    source: 'spans',
    since: AT,
    problem: null,
    windows: (Object.entries(rates) as [SloWindow['window'], number | null][]).map(([window, rate]) => ({
      window,
      total: rate === null ? 0 : 1000,
      good: rate === null ? 0 : 1000 - 10 * rate,
      ratio: rate === null ? null : 1 - rate / 100,
      burn_rate: rate,
    })),
    budget: { period: '30d', from: AT, total: 0, bad: 0, allowed: 0, left: null, runs_out_at: null },
    alerts: [],
    summary: `${service} serves`,
    ...more,
  }
}
