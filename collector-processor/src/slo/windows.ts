/** Windows over which burn rates are taken, in minutes. The current minute is the last one of each. */
export const WINDOW_MINUTES = { '5m': 5, '30m': 30, '1h': 60, '6h': 360, '3d': 4320 } as const
export type BurnWindow = keyof typeof WINDOW_MINUTES
export const BURN_WINDOWS = ['5m', '30m', '1h', '6h', '3d'] as const satisfies readonly BurnWindow[]

/**
 * Multi-window, multi-burn-rate alerts: one fires while the burn rate is over `factor` in both of its windows. The long one
 * says that it matters (14.4 for an hour is 2 % of a 30-day budget, 6 for six hours 5 %, 1 for three days 10 %), the
 * short one that it still goes on.
 * Source: The Site Reliability Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts", table 5-8.
 */
export const BURN_ALERTS = [
  { severity: 'page', long: '1h', short: '5m', factor: 14.4 },
  { severity: 'page', long: '6h', short: '30m', factor: 6 },
  { severity: 'ticket', long: '3d', short: '6h', factor: 1 },
] as const satisfies readonly { severity: string; long: BurnWindow; short: BurnWindow; factor: number }[]
export type BurnAlert = (typeof BURN_ALERTS)[number]
