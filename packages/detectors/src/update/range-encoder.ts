import type { BitModel } from './bit-model.ts'

/**
 * Arithmetic coding of bits with 32 bits of range, a byte at a time, with carry (G. N. N. Martin 1979; the carry is kept as in Igor
 * Pavlov's LZMA: a byte waits, with the 255s after it, until no carry can reach it).
 */
export class RangeEncoder {
  #low = 0
  #range = 0xffffffff
  #waiting = 0
  /** Bytes of 255 behind the one that waits. */
  #run = 0
  #bytes: Uint8Array
  #length = 0

  /** @param room bytes that will probably do */
  constructor(room: number) {
    this.#bytes = new Uint8Array(Math.max(16, room))
  }

  encode(model: BitModel, context: number, bit: number): void {
    const bound = (this.#range >>> 16) * model.zero(context)
    if (bit === 0) this.#range = bound
    else {
      // Up to 2³³: a double holds it, a 32-bit integer would not.
      this.#low += bound
      this.#range -= bound
    }
    model.learn(context, bit)
    while (this.#range < TOP) {
      this.#range = (this.#range << 8) >>> 0
      this.#shift()
    }
  }

  /** The bytes; the encoder is spent then. The first that waited stood for what a carry of the whole would reach: always 0. */
  finish(): Uint8Array {
    for (let i = 0; i < 5; i++) this.#shift()
    return this.#bytes.slice(1, this.#length)
  }

  #shift(): void {
    if (this.#low < 0xff000000 || this.#low >= CARRY) {
      const carry = this.#low >= CARRY ? 1 : 0
      this.#put(this.#waiting + carry)
      for (; this.#run > 0; this.#run--) this.#put(0xff + carry)
      this.#waiting = (this.#low >>> 24) & 0xff
      this.#run = 0
    } else this.#run++
    this.#low = ((this.#low & 0x00ffffff) << 8) >>> 0
  }

  #put(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes[this.#length++] = byte & 0xff
  }
}

const CARRY = 2 ** 32
/** Below it the next byte is out of the range's reach. */
const TOP = 2 ** 24
