import type { Evidence } from '@adf/contract'
import type { Deviation } from './deviation.ts'

/** One odd thing, charged to one service. */
export interface Finding {
  readonly service: string
  readonly kind: Evidence['kind']
  readonly subject: string
  readonly value: number
  /** null when a fixed limit was violated, or nothing of the kind was seen before. */
  readonly expected: number | null
  readonly unit: string
  readonly strength: number
  /** When it began, ms since the epoch; undefined when that is not known. */
  readonly sinceMs: number | undefined
  readonly text: string
}

/** `share` in 0 … 1 is how much of the deviation is charged to this service. */
export function finding(
  service: string,
  kind: Finding['kind'],
  subject: string,
  what: string,
  unit: string,
  deviation: Deviation,
  windowSlots: Float64Array,
  share = 1,
): Finding {
  const scale = unit === '%' ? 100 : 1
  const { value, expected, low, high, z, onset } = deviation
  // Earlier trouble may be part of the history and reach as far as this: then the middle says more than the ends.
  const outside = value < low || value > high
  const usual = outside ? range(low * scale, high * scale, unit) : `about ${amount(expected * scale, unit)}`
  const text = `${what} is ${amount(value * scale, unit)}, normally ${usual}`
  return {
    service,
    kind,
    subject,
    value: value * scale,
    expected: expected * scale,
    unit,
    strength: Math.abs(z) * share,
    sinceMs: windowSlots[onset],
    text,
  }
}

function range(low: number, high: number, unit: string): string {
  const [from, to] = [short(low), short(high)]
  return from === to ? amount(low, unit) : `${from} to ${amount(high, unit)}`
}

function amount(value: number, unit: string): string {
  return unit === '' ? short(value) : `${short(value)} ${unit}`
}

/** Three significant digits, without an exponent. */
function short(value: number): string {
  if (value === 0) return '0'
  const digits = Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(Math.abs(value)))))
  return String(Number(value.toFixed(digits)))
}
