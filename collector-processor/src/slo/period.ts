import { DateTime } from 'luxon'

const DAY_MS = 86_400_000

/** Units of calendar periods, by their letter in OpenSLO. */
export const CALENDAR_UNITS = { d: 'day', w: 'week', M: 'month', Q: 'quarter' } as const
export const isUnit = (letter: string): letter is keyof typeof CALENDAR_UNITS =>
  Object.hasOwn(CALENDAR_UNITS, letter)

/** The time that an error budget is for. */
export type Period =
  | { readonly kind: 'rolling'; readonly days: number }
  | {
      readonly kind: 'calendar'
      readonly unit: (typeof CALENDAR_UNITS)[keyof typeof CALENDAR_UNITS]
      /** `YYYY-MM-DD hh:mm:ss` in `zone`: one of the moments at which a period begins. */
      readonly startTime: string
      /** IANA name, such as Europe/Oslo. */
      readonly zone: string
    }

/** The longest, in days: a quarter. */
export const MAX_PERIOD_DAYS = 92
export const THIRTY_DAYS: Period = { kind: 'rolling', days: 30 }

/** The period that holds `nowMs`; a rolling one ends now. */
export function bounds(period: Period, nowMs: number): { fromMs: number; toMs: number } {
  if (period.kind === 'rolling') return { fromMs: nowMs - period.days * DAY_MS, toMs: nowMs }
  const first = DateTime.fromSQL(period.startTime, { zone: period.zone })
  const at = (count: number) => first.plus({ [period.unit]: count }).toMillis()
  const whole = DateTime.fromMillis(nowMs, { zone: period.zone }).diff(first, period.unit).as(period.unit)
  let count = Math.floor(whole)
  // Months and days have no fixed length: the division may be off by one.
  while (at(count) > nowMs) count--
  while (at(count + 1) <= nowMs) count++
  return { fromMs: at(count), toMs: at(count + 1) }
}

/** `30d`, or `month` and such for calendar periods. */
export const periodText = (period: Period): string =>
  period.kind === 'rolling' ? `${period.days}d` : period.unit

/** How people say it, before "error budget": `30-day`, `monthly`. */
export const periodAdjective = (period: Period): string =>
  period.kind === 'rolling'
    ? `${period.days}-day`
    : { day: 'daily', week: 'weekly', month: 'monthly', quarter: 'quarterly' }[period.unit]
