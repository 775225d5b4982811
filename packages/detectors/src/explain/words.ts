/** Three significant digits, without exponents where a person would write none. */
export function number(value: number): string {
  if (value === 0) return '0'
  const magnitude = Math.abs(value)
  if (magnitude >= 1e9 || magnitude < 1e-4) return value.toExponential(2)
  return magnitude >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)))
}

/** `840 ms`, `12/s`, `0.3`. */
export function quantity(value: number, unit: string): string {
  if (unit === '' || unit === '1') return number(value)
  return unit.startsWith('1/') ? `${number(value)}${unit.slice(1)}` : `${number(value)} ${unit}`
}

/** A feature's value and what it is measured against, in its unit; NaN where missing or unknown. */
export interface Seen {
  readonly name: string
  /** UCUM-like: 'ms', '%', '1/s', '1', 'MB', ''. */
  readonly unit: string
  readonly value: number
  readonly low: number
  readonly high: number
}

export interface Wording {
  /** `low` and `high` are fixed limits (±Infinity: none), not what is normal. */
  readonly limited?: boolean
  /** What the band depends on: the hour of the day or week, or the other features. */
  readonly given?: 'hour' | 'company' | undefined
  /** How long it has been so, ms. */
  readonly lastedMs?: number | undefined
}

/**
 * `latency_p95 is 840 ms, normally 95 to 130 ms at this hour, for 4 min now`. A missing value is said to be missing; without a band it is
 * `unlike before`.
 */
export function sentence(seen: Seen, { limited = false, given, lastedMs }: Wording = {}): string {
  const { name, unit, value } = seen
  const is = Number.isNaN(value) ? 'is missing' : `is ${quantity(value, unit)}`
  const lasted = lastedMs === undefined || lastedMs < 1000 ? '' : `, for ${duration(lastedMs)} now`
  return `${name} ${is}, ${limited ? limit(seen) : normally(seen, given)}${lasted}`
}

/** `45 s`, `4 min`, `3 h`, `2 d`: rounded down, in the largest unit that it has two of. */
export function duration(ms: number): string {
  const [size, unit] = DURATIONS.find(([each]) => ms >= 2 * each) ?? SECOND
  return `${Math.floor(ms / size)} ${unit}`
}

const SECOND = [1000, 's'] as const
const DURATIONS = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min'], SECOND] as const
const GIVEN = { hour: ' at this hour', company: ' beside the others' } as const

/**
 * `normally 95 to 130 ms`; one number where both ends read the same; `normally up to 0.002` where the band goes below 0 and the value does
 * not, since most features cannot.
 */
function normally({ low, high, unit, value }: Seen, given: Wording['given']): string {
  if (!(Number.isFinite(low) && Number.isFinite(high))) return 'unlike before'
  const from = low < 0 && high > 0 && value >= 0 ? 'up to ' : `${number(low)} to `
  const to = `${number(low) === number(high) ? '' : from}${quantity(high, unit)}`
  return `normally ${to}${given === undefined ? '' : GIVEN[given]}`
}

function limit({ value, low, high, unit }: Seen): string {
  return value > high
    ? `above its limit of ${quantity(high, unit)}`
    : `below its limit of ${quantity(low, unit)}`
}
