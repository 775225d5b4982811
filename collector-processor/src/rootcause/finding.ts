import type { Evidence } from '@adf/contract'
import type { Deviation } from './deviation.ts'
import type { Series } from './evidence.ts'

/**
 * What is added or lost over the whole window: waiting of callers (ms), failed calls, calls that are made no more or anew,
 * waiting of messages (ms). Effects of one currency can be added up, since none is counted in two findings.
 */
export interface Effect {
  readonly currency: 'time' | 'failures' | 'calls' | 'queue'
  readonly amount: number
}

/** Where something shows: in the service, on the way to it, in what it calls that sends no spans, its host, its deployment. */
export type Place = 'service' | 'way' | 'dependency' | 'host' | 'change'

/** One odd thing, charged to one service. */
export interface Finding {
  readonly service: string
  readonly kind: Evidence['kind']
  /** undefined for what services that only suffer show too. */
  readonly place: Place | undefined
  readonly subject: string
  readonly value: number
  /** null when a fixed limit was violated, or nothing of the kind was seen before. */
  readonly expected: number | null
  readonly unit: string
  readonly strength: number
  /** undefined where it cannot be reckoned. */
  readonly effect: Effect | undefined
  /** When it began, ms since the epoch; undefined when that is not known. */
  readonly sinceMs: number | undefined
  readonly text: string
  /** One log record of it, where it comes from logs. */
  readonly example?: string
}

/** A deviation, and how it is told. */
interface Told {
  readonly service: string
  readonly kind: Finding['kind']
  readonly place: Place
  readonly subject: string
  /** What deviates, as the subject of a sentence. */
  readonly what: string
  /** '%' for shares, which are told times 100. */
  readonly unit: 'ms' | '%' | ''
  readonly deviation: Deviation
  readonly windowSlots: Float64Array
  readonly currency: Effect['currency']
  /** The calls that the deviation is the mean of. */
  readonly calls: Series
  /** How much of the deviation is charged to this service, 0 … 1. */
  readonly share?: number
}

export function finding(told: Told): Finding {
  const {
    service,
    kind,
    place,
    subject,
    what,
    unit,
    deviation,
    windowSlots,
    currency,
    calls,
    share = 1,
  } = told
  const scale = unit === '%' ? 100 : 1
  const { value, expected, low, high, z, onset } = deviation
  // Earlier trouble may be part of the history and reach as far as this: then the middle says more than the ends.
  const outside = value < low || value > high
  const usual = outside ? range(low * scale, high * scale, unit) : `about ${amount(expected * scale, unit)}`
  return {
    service,
    kind,
    place,
    subject,
    value: value * scale,
    expected: expected * scale,
    unit,
    strength: Math.abs(z) * share,
    effect: { currency, amount: Math.abs(value - expected) * total(calls.window) * share },
    sinceMs: windowSlots[onset],
    text: `${what} is ${amount(value * scale, unit)}, normally ${usual}`,
  }
}

/** Sum of what was seen. */
export function total(values: Float64Array): number {
  let sum = 0
  for (const value of values) if (value > 0) sum += value
  return sum
}

function range(low: number, high: number, unit: string): string {
  const [from, to] = [short(low), short(high)]
  return from === to ? amount(low, unit) : `${from} to ${amount(high, unit)}`
}

function amount(value: number, unit: string): string {
  return unit === '' ? short(value) : `${short(value)} ${unit}`
}

/** Three significant digits, without an exponent. */
export function short(value: number): string {
  if (value === 0) return '0'
  const digits = Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(Math.abs(value)))))
  return String(Number(value.toFixed(digits)))
}
