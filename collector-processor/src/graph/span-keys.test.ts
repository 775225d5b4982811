import { describe, expect, it } from 'vitest'
import { hash } from './record.ts'
import { BLOCK, KEY_WORDS, SpanKeys, UNSEEDED } from './span-keys.ts'
import { span, testGraph } from './testing/traffic.ts'

const TRACE = '000000000000000000000000000000ff'
/** Entries of the index at the default limit. */
const PLACES = 2 ** 21

/** The word whose `hash(word, 0)` this is: each step of it can be undone. */
function wordWithHash(h: number): number {
  const y = h ^ (h >>> 13) ^ (h >>> 26)
  const x = Math.imul(y, inverse(0x2c1b3c6d))
  return Math.imul(x ^ (x >>> 15) ^ (x >>> 30), inverse(0x9e3779b1))
}

/** Modulo 2^32, by Newton's method. */
function inverse(odd: number): number {
  let guess = odd
  for (let turn = 0; turn < 5; turn++) guess = Math.imul(guess, 2 - Math.imul(odd, guess))
  return guess
}

describe('SpanKeys', () => {
  const hex = (word: number) => (word >>> 0).toString(16).padStart(8, '0')
  const placesWith = (keys: SpanKeys) => {
    // what somebody sends who takes the seeds to be zero
    const unseeded = new SpanKeys(UNSEEDED)
    unseeded.trace(0, 0, 0, 0xff)
    const ids = Array.from(
      { length: BLOCK },
      (_, i) => hex(wordWithHash(i * PLACES + 77) ^ unseeded.low) + hex(unseeded.high),
    )
    const batch = testGraph().batchOf(ids.map((id) => span({ service: 'web', trace: TRACE, id })))
    keys.read(batch, 0, BLOCK)
    return new Set(
      ids.map((_, row) => {
        const at = row * KEY_WORDS
        const [key0 = 0, key1 = 0, , h = 0] = keys.words.subarray(at, at + 4)
        expect(h).toBe(hash(key0, key1))
        return h & (PLACES - 1)
      }),
    )
  }

  it('come to stand in one place of the index only for who knows the seeds', () => {
    expect(placesWith(new SpanKeys(UNSEEDED)).size).toBe(1)
    expect(placesWith(new SpanKeys([1, 0])).size).toBeGreaterThan(0.9 * BLOCK)
    expect(placesWith(new SpanKeys([0, 1])).size).toBeGreaterThan(0.9 * BLOCK)
  })
})
