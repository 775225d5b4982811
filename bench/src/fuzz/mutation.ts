import type { Rng } from '@adf/detectors'

/** What may happen to bytes on their way, or be done to them. */
export const MUTATIONS = [
  'flipped',
  'truncated',
  'extended',
  'overwritten',
  'repeated',
  'spliced',
  'noise',
] as const
export type Mutation = (typeof MUTATIONS)[number]

const below = (rng: Rng, count: number): number => Math.floor(rng() * count)
/** Numbers that arithmetic goes wrong at: ends of the ranges, signs, NaN and infinities of floats. */
const EXTREMES = [0x00, 0x01, 0x7f, 0x80, 0xff, 0xf8, 0xc0]

/** @param other sound bytes of another kind, whose end it may get */
export function mutated(bytes: Uint8Array, other: Uint8Array, mutation: Mutation, rng: Rng): Uint8Array {
  // Not slice(), which for a Buffer is no copy.
  const copy = Uint8Array.from(bytes)
  const at = below(rng, Math.max(1, copy.length))
  switch (mutation) {
    case 'flipped':
      for (let flips = 1 + below(rng, 8); flips > 0; flips--)
        copy[below(rng, copy.length)]! ^= 1 << below(rng, 8)
      return copy
    case 'truncated':
      return copy.subarray(0, at)
    case 'extended':
      return joined(copy, random(1 + below(rng, 64), rng))
    case 'overwritten':
      return copy.fill(EXTREMES[below(rng, EXTREMES.length)]!, at, at + 1 + below(rng, 16))
    case 'repeated':
      return joined(copy.subarray(0, at), copy.subarray(below(rng, at + 1)))
    case 'spliced':
      return joined(copy.subarray(0, at), other.subarray(below(rng, other.length)))
    case 'noise':
      return random(below(rng, 256), rng)
  }
}

const random = (length: number, rng: Rng): Uint8Array => Uint8Array.from({ length }, () => below(rng, 256))

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
