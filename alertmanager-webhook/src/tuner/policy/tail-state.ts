import type { Json } from '../policy.ts'
import { numbersOf } from './entity-states.ts'
import type { Tail } from './tail.ts'

/** A tail as it was saved, or undefined for what is none. */
export function readTail(saved: Json | undefined): Tail | undefined {
  if (saved === undefined || saved === null || typeof saved !== 'object' || Array.isArray(saved))
    return undefined
  const { first, t, n, over, excesses, fitted, z } = { ...saved } as Readonly<
    Record<string, Json | undefined>
  >
  const [starts, beyond] = [numbersOf(first), numbersOf(excesses)]
  const numbers = numbersOf([t ?? null, n ?? null, over ?? null, fitted ?? null])
  if (starts === undefined || beyond === undefined || numbers === undefined) return undefined
  if (z !== null && typeof z !== 'number') return undefined
  const [start, count, above, at] = numbers
  return { first: starts, t: start!, n: count!, over: above!, excesses: beyond, fitted: at!, z }
}
