import { dateTimeFormat, formattedValueToString, getValueFormat } from '@grafana/data'
import { say } from './say.ts'

/** A share as people say it: `87 %`. */
export const percent = (share: number): string =>
  `${share > 0 && share < 0.005 ? '< 1' : Math.round(100 * share)} %`

/** A value in its unit, by Grafana's formatters where they know the unit. */
export function quantity(value: number, unit: string): string {
  const known = UNITS[unit]
  if (known !== undefined)
    return formattedValueToString(getValueFormat(known)(value, value >= 100 ? 0 : undefined))
  const text = formattedValueToString(getValueFormat('short')(value))
  return unit === '' || unit === '1' ? text : `${text} ${unit}`
}

/** Name of Grafana's format for a unit; values of other units are shown as plain numbers. */
export const formatOf = (unit: string): string => UNITS[unit] ?? 'short'

const UNITS: Readonly<Record<string, string>> = {
  ms: 'ms',
  s: 's',
  '%': 'percent',
  By: 'bytes',
  B: 'bytes',
  MB: 'decmbytes',
}

/** Requests or calls a second. */
export const rate = (perSecond: number): string =>
  perSecond >= 0.95 || perSecond === 0
    ? say('text.per-second', '{{count}}/s', { count: Math.round(perSecond) })
    : say('text.per-minute', '{{count}}/min', { count: Math.max(1, Math.round(60 * perSecond)) })

/** The time of day, with its date when that is another one than `now`'s. */
export function clock(instant: string, now: number): string {
  const time = Date.parse(instant)
  const day = (ms: number) => dateTimeFormat(ms, { format: 'YYYY-MM-DD' })
  return dateTimeFormat(time, { format: day(time) === day(now) ? 'HH:mm:ss' : 'YYYY-MM-DD HH:mm:ss' })
}
