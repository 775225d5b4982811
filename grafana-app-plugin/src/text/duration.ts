import { say } from './say.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A stretch of time in its largest fitting unit: `45 s`, `6 min`, `3 h`, `2 days`. Clocks may differ: a negative one counts as nothing. */
export function duration(ms: number): string {
  if (ms < 2 * MINUTE)
    return say('text.seconds', '{{count}} s', { count: Math.max(0, Math.round(ms / 1000)) })
  if (ms < 2 * HOUR) return say('text.minutes', '{{count}} min', { count: Math.floor(ms / MINUTE) })
  if (ms < 2 * DAY) return say('text.hours', '{{count}} h', { count: Math.floor(ms / HOUR) })
  return say('text.days', '{{count}} days', { count: Math.floor(ms / DAY) })
}
