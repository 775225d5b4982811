import { randomInt } from 'node:crypto'

/** Places, a power of two. A request that another one pushed out of its place is not known again: its repeat counts. */
const PLACES = 2 ** 14
const NEVER = Number.NEGATIVE_INFINITY

/**
 * Knows the requests of the last `windowMs` again by 64 bits of their bytes. A sender that did not see the answer sends the very
 * same bytes again (opentelemetry.io/docs/specs/otlp, "Duplicate data"). The seed keeps collisions from being chosen from
 * outside.
 */
export class RecentRequests {
  readonly #windowMs: number
  readonly #seed: number
  readonly #low = new Int32Array(PLACES)
  readonly #high = new Int32Array(PLACES)
  readonly #seenMs = new Float64Array(PLACES).fill(NEVER)

  constructor(windowMs: number, seed: number = randomInt(2 ** 32)) {
    this.#windowMs = windowMs
    this.#seed = seed | 0
  }

  /** Whether these bytes came within the window before `nowMs`; remembers them. */
  came(bytes: Uint8Array, nowMs: number): boolean {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let low = this.#seed ^ bytes.length
    let high = Math.imul(this.#seed, 0x85ebca6b) + bytes.length
    let at = 0
    for (const last = bytes.length - 3; at < last; at += 4) {
      const word = view.getInt32(at, true)
      low = Math.imul(low ^ word, 0x9e3779b1)
      low ^= low >>> 15
      high = Math.imul(high + word, 0xc2b2ae35)
      high ^= high >>> 13
    }
    for (; at < bytes.length; at++) {
      low = Math.imul(low ^ bytes[at]!, 0x01000193)
      high = Math.imul(high + bytes[at]!, 0x27d4eb2f)
    }
    low = Math.imul(low ^ (low >>> 16), 0x85ebca6b)
    low ^= low >>> 13
    const place = low & (PLACES - 1)
    const came =
      this.#low[place] === low && this.#high[place] === high && nowMs - this.#seenMs[place]! <= this.#windowMs
    this.#low[place] = low
    this.#high[place] = high
    this.#seenMs[place] = nowMs
    return came
  }
}
