/**
 * Values of a quantised update in four bits each, as many as its symbols need: a thousand updates of the usual network take 28 MB, of floats 220. Plain data
 * over shared memory, so that threads hand it on without a copy. Never written to.
 */
export interface Packed {
  readonly kind: 'packed'
  readonly length: number
  /** Two symbols a byte, the first in the lower half, each plus 8. */
  readonly nibbles: Uint8Array
  /** Of each block of `block` symbols; a value is its symbol times its scale times `factor`. */
  readonly scales: Float32Array
  readonly block: number
  readonly factor: number
  /** Of all values, before the factor. */
  readonly norm: number
}

const OFFSET = 8

/** @param symbols −7 … 7, @param block an even number of them */
export function pack(symbols: Int8Array, scales: Float32Array, block: number): Packed {
  if (block % 2 !== 0 || scales.length !== Math.ceil(symbols.length / block))
    throw new RangeError(`${scales.length} scales of ${block} values each to ${symbols.length} symbols`)
  const nibbles = new Uint8Array(new SharedArrayBuffer((symbols.length + 1) >> 1))
  for (let i = 0; i < nibbles.length; i++)
    nibbles[i] = (symbols[2 * i]! + OFFSET) | (((symbols[2 * i + 1] ?? 0) + OFFSET) << 4)
  const packed = { kind: 'packed', length: symbols.length, nibbles, scales, block, factor: 1 } as const
  return { ...packed, norm: Math.sqrt(squares(packed, 0, symbols.length)) }
}

/**
 * Writes the values from `from` up to before `to` to the beginning of `into`.
 *
 * @param from an even number
 */
export function unpack(packed: Packed, from: number, to: number, into: Float64Array): void {
  const { nibbles, scales, block, factor } = packed
  for (let at = from; at < to; ) {
    const number = Math.floor(at / block)
    const scale = scales[number]! * factor
    const end = Math.min(to, (number + 1) * block)
    const whole = at + ((end - at) & ~1)
    let i = at - from
    for (let pair = at >> 1; pair < whole >> 1; pair++) {
      const both = nibbles[pair]!
      into[i++] = scale * ((both & 15) - OFFSET)
      into[i++] = scale * ((both >> 4) - OFFSET)
    }
    if (whole < end) into[i] = scale * ((nibbles[whole >> 1]! & 15) - OFFSET)
    at = end
  }
}

/** Sum of the squares of the values from `from` up to before `to`: of whole numbers in each block, so that it is exact but for the scales. */
export function squares(packed: Omit<Packed, 'norm'>, from: number, to: number): number {
  const { nibbles, scales, block, factor } = packed
  let sum = 0
  for (let at = from; at < to; ) {
    const number = Math.floor(at / block)
    const end = Math.min(to, (number + 1) * block)
    let whole = 0
    for (let i = at; i < end; i++) {
      const symbol = ((nibbles[i >> 1]! >> ((i & 1) << 2)) & 15) - OFFSET
      whole += symbol * symbol
    }
    const scale = scales[number]! * factor
    sum += scale * scale * whole
    at = end
  }
  return sum
}
