import type { BitModel } from './bit-model.ts'
import { UpdateError } from './update-error.ts'

/** Reads what a `RangeEncoder` wrote. Never reads past the end: @throws UpdateError `truncated` instead. */
export class RangeDecoder {
  readonly #bytes: Uint8Array
  #at = 0
  #range = 0xffffffff
  #code = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    for (let i = 0; i < 4; i++) this.#code = ((this.#code << 8) | this.#next()) >>> 0
  }

  decode(model: BitModel, context: number): number {
    const bound = (this.#range >>> 16) * model.zero(context)
    const bit = this.#code < bound ? 0 : 1
    if (bit === 0) this.#range = bound
    else {
      this.#code -= bound
      this.#range -= bound
    }
    model.learn(context, bit)
    while (this.#range < TOP) {
      this.#range = (this.#range << 8) >>> 0
      this.#code = ((this.#code << 8) | this.#next()) >>> 0
    }
    return bit
  }

  /** Whether every byte was read: the encoder writes no more than the decoder takes. */
  get atEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  #next(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw new UpdateError('truncated', `symbols end after ${this.#at - 1} bytes`)
    return byte
  }
}

const TOP = 2 ** 24
