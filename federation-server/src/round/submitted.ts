import type { Measured } from '../poisoning/inspection.ts'
import type { Values } from '../vector/vector.ts'

/** An update of a round, its body decoded. */
export interface Submitted {
  readonly id: string
  readonly clientId: string
  readonly trusted: boolean
  /** Round that it was asked for in. */
  readonly round: number
  readonly base: number
  readonly samples: number
  readonly sampleCap: number
  /** An operator let it out of quarantine: it is not looked at again. */
  readonly released: boolean
  /** undefined: the body that was stored cannot be read any more. */
  readonly values: Values | undefined
  /** Of the values, when they were worked out before. */
  readonly norm?: number
  readonly measured?: Measured | undefined
}

export const byClientThenNewest = (a: Submitted, b: Submitted): number =>
  compare(a.clientId, b.clientId) || b.base - a.base || b.round - a.round || compare(b.id, a.id)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
