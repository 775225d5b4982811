import type { SpanBatch } from '../telemetry/batch.ts'
import * as layout from './record.ts'

// see pending.ts: compiled in, not read from the import each time
const { hash } = layout

/** Rows whose keys are made at once: what their look-ups touch fits into the second cache. */
export const BLOCK = 256
/** Words of a row: its own key and hash, then its parent's. */
export const KEY_WORDS = 8

/** Two words of 32 bits. Secret wherever spans come from others: see SpanKeys. */
export type KeySeed = readonly [number, number]

/** For spans of one's own files. */
export const UNSEEDED: KeySeed = [0, 0]

/**
 * Keys of spans. The span id is mixed with 64 bits of its trace, and 16 more bits of the trace come beside it: spans of
 * one trace never share a key, spans of different traces with probability 2^-80 a pair. A secret seed goes into the mix,
 * so that nobody can choose ids that all come to stand in one place of the index.
 */
export class SpanKeys {
  /** Row r of the block has own key0, key1, key2, hash at 8r and the parent's at 8r + 4. */
  readonly words = new Int32Array(BLOCK * KEY_WORDS)
  /** The trace as `trace` left it. */
  low = 0
  high = 0
  rest = 0
  readonly #seed0: number
  readonly #seed1: number

  constructor([seed0, seed1]: KeySeed) {
    this.#seed0 = seed0 | 0
    this.#seed1 = seed1 | 0
  }

  /** Makes the keys of rows `from` to `to`. A parent id of zero gets a key all the same. */
  read(batch: SpanBatch, from: number, to: number): void {
    const words = this.words
    const { trace0, trace1, trace2, trace3, span0, span1, parent0, parent1 } = batch
    for (let row = from, at = 0; row < to; row++, at += KEY_WORDS) {
      this.trace(trace0[row]!, trace1[row]!, trace2[row]!, trace3[row]!)
      const { low, high, rest } = this
      const own0 = span0[row]! ^ low
      const own1 = span1[row]! ^ high
      const up0 = parent0[row]! ^ low
      const up1 = parent1[row]! ^ high
      words[at] = own0
      words[at + 1] = own1
      words[at + 2] = rest
      words[at + 3] = hash(own0, own1)
      words[at + 4] = up0
      words[at + 5] = up1
      words[at + 6] = rest
      words[at + 7] = hash(up0, up1)
    }
  }

  /** Two mixes of the trace id that differ in every step, and a sum. */
  trace(t0: number, t1: number, t2: number, t3: number): void {
    let a = Math.imul(t0 ^ this.#seed0, 0x9e3779b1) + t1
    a = Math.imul(a ^ (a >>> 15), 0x85ebca6b) + t2
    a = Math.imul(a ^ (a >>> 13), 0xc2b2ae35) + t3
    this.low = Math.imul(a ^ (a >>> 16), 0x27d4eb2f)
    let b = Math.imul(t3 ^ this.#seed1, 0x165667b1) + t2
    b = Math.imul(b ^ (b >>> 14), 0x2c1b3c6d) + t1
    b = Math.imul(b ^ (b >>> 15), 0x297a2d39) + t0
    this.high = Math.imul(b ^ (b >>> 16), 0x9e3779b1)
    this.rest = (Math.imul(t1, 0xc2b2ae35) + Math.imul(t3, 0x85ebca6b)) | 0
  }
}
