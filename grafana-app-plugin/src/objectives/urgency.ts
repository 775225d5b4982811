import type { SloStatus } from '@adf/contract'

const SEVERITY = { page: 2, ticket: 1 } as const
/** A burn rate is seldom above it; more than this is no more urgent. */
const MOST = 1000

const burnOf = (windows: SloStatus['windows']): number =>
  windows.find(({ window }) => window === '1h')?.burn_rate ?? 0

/** Whether the budget would not last, were all hours like the last; or an alert fires. */
export const burnsTooFast = ({ alerts, windows }: Pick<SloStatus, 'alerts' | 'windows'>): boolean =>
  alerts.length > 0 || burnOf(windows) > 1

/** Orders objectives for the reader, the largest first: those that page, those with a ticket, then the faster their budget burned in the last hour. */
export function urgencyOf({ alerts, windows }: Pick<SloStatus, 'alerts' | 'windows'>): number {
  const alert = Math.max(0, ...alerts.map(({ severity }) => SEVERITY[severity]))
  return alert + Math.min(burnOf(windows), MOST) / (MOST + 1)
}
