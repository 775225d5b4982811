import { type Values, within } from '../vector/vector.ts'
import type { ClientUpdate } from './aggregator.ts'

/** Beyond it squares and their sums would overflow; no float32 is. */
const LARGEST = 1e100

export type Unsound = 'not_finite' | 'wrong_length' | 'invalid_samples'

/** What is wrong with an update by itself. */
export function unsound(update: ClientUpdate, length: number): Unsound | undefined {
  if (update.values.length !== length) return 'wrong_length'
  if (!allFinite(update.values)) return 'not_finite'
  const { samples, sampleCap, staleness = 0 } = update
  const counts = [samples, sampleCap, staleness + 1]
  return counts.every((count) => Number.isSafeInteger(count) && count >= 1) ? undefined : 'invalid_samples'
}

export const allFinite = (values: Values): boolean => within(values, LARGEST)

export const byClientId = (a: { readonly clientId: string }, b: { readonly clientId: string }): number =>
  a.clientId < b.clientId ? -1 : a.clientId > b.clientId ? 1 : 0
