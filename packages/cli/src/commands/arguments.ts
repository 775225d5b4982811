import { InvalidArgumentError } from 'commander'
import ms, { type StringValue } from 'ms'

/** A whole number from the command line. */
export function parseWhole(text: string): number {
  const value = Number(text)
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('not a whole number')
  return value
}

/** A number above 0 from the command line. */
export function parsePositive(text: string): number {
  const value = Number(text)
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('not a number above 0')
  return value
}

/** `250ms`, `30s`, `5m`, `2h`: milliseconds. */
export function parseDuration(text: string): number {
  const value = /^\d+(\.\d+)?(ms|s|m|h|d)$/.test(text) ? ms(text as StringValue) : Number.NaN
  if (!(value > 0)) throw new InvalidArgumentError('not a duration such as 250ms, 30s or 5m')
  return value
}

/** 0 to 1. */
export function parseShare(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('not a share from 0 to 1')
  return value
}

/** A threshold, 0 to 2; `initial` is null. */
export function parseThreshold(text: string): number | null {
  if (text === 'initial') return null
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0 && value <= 2))
    throw new InvalidArgumentError('not a threshold from 0 to 2, nor `initial`')
  return value
}

/** RFC 3339: milliseconds since 1970. */
export function parseTime(text: string): number {
  const value = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(value)) throw new InvalidArgumentError('not a time such as 2026-03-01T00:00:00Z')
  return value
}
