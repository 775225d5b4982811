import { BitModel } from './bit-model.ts'
import type { RangeDecoder } from './range-decoder.ts'
import type { RangeEncoder } from './range-encoder.ts'

/** Symbols are −7 … 7. */
export const LARGEST_SYMBOL = 7

/** Writes or reads one bit: the one thing in which both directions differ. */
type Bit = (model: BitModel, context: number, bit: number) => number

/**
 * The bits of a symbol: zero or not, sign, then one bit for each further step of magnitude. What is near says how many are zero: rows of
 * weights that hardly move lie beside others that do, so the context is the latest two symbols and a moving average of magnitudes.
 */
class SymbolModel {
  readonly #zero = new BitModel(RECENT * LEVELS)
  readonly #sign = new BitModel(1)
  readonly #more = new BitModel(LARGEST_SYMBOL * LEVELS)
  #before = 0
  #latest = 0
  #average = 0

  /** @param symbol ignored while decoding */
  code(bit: Bit, symbol: number): number {
    const level = levelOf(this.#average)
    const size = Math.abs(symbol)
    const context = Math.min(RECENT - 1, 2 * this.#latest + this.#before) * LEVELS + level
    let magnitude = bit(this.#zero, context, size === 0 ? 0 : 1)
    let negative = 0
    if (magnitude === 1) {
      negative = bit(this.#sign, 0, symbol < 0 ? 1 : 0)
      while (
        magnitude < LARGEST_SYMBOL &&
        bit(this.#more, magnitude * LEVELS + level, size > magnitude ? 1 : 0) === 1
      )
        magnitude++
    }
    const seen = Math.min(magnitude, MOST_SEEN)
    this.#before = this.#latest
    this.#latest = Math.min(magnitude, 2)
    this.#average += ((seen << AVERAGE_BITS) - this.#average) >> AVERAGE_SHIFT
    return negative === 1 ? -magnitude : magnitude
  }
}

/** Of `2 · latest + before`, each at most 2. */
const RECENT = 7
const LEVELS = 8
const MOST_SEEN = 3
const AVERAGE_BITS = 10
const AVERAGE_SHIFT = 4
/** Of the average, in 1/1024 of a step: about equally likely to be told apart in weights of very different variance. */
const BOUNDS = [24, 80, 160, 260, 380, 560, 900] as const

function levelOf(average: number): number {
  let level = 0
  while (level < BOUNDS.length && average >= BOUNDS[level]!) level++
  return level
}

export function writeSymbols(symbols: Int8Array, encoder: RangeEncoder): void {
  const model = new SymbolModel()
  const bit: Bit = (bits, context, value) => {
    encoder.encode(bits, context, value)
    return value
  }
  for (let i = 0; i < symbols.length; i++) model.code(bit, symbols[i]!)
}

/** @throws UpdateError `truncated` when there are not as many */
export function readSymbols(count: number, decoder: RangeDecoder): Int8Array {
  const model = new SymbolModel()
  const bit: Bit = (bits, context) => decoder.decode(bits, context)
  const symbols = new Int8Array(count)
  for (let i = 0; i < count; i++) symbols[i] = model.code(bit, 0)
  return symbols
}
