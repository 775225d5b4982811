import { LARGEST_SYMBOL } from './symbols.ts'
import { UpdateError } from './update-error.ts'

/** Values of a block share a scale: a smaller block follows the layers more closely, and costs two bytes. */
export const BLOCK = 2048

/** Values beyond it are refused: far beyond what a weight ever is, and far from what overflows when squared and summed. */
export const LARGEST_VALUE = 1e30

export interface Quantised {
  readonly symbols: Int8Array
  /** Of each block, the upper 16 bits of a float32 that is not negative. */
  readonly scales: Uint16Array
}

/**
 * Dead-zone quantisation: a value is a multiple of `step` times its block's root mean square, 0 up to 0.55 of one. Most are 0 then,
 * which costs next to nothing behind an entropy coder; but where all are about as large, 0.55 of the largest at most, or nothing of such
 * a block would ever come through. What is lost comes back with the next update, since `ErrorFeedback` and
 * deltas add it there. (Dead zones: G. J. Sullivan 1996; that feedback makes up for it: S. P. Karimireddy et al. 2019.)
 *
 * The scale that is sent is the one which fits the symbols best (least squares): most values that are not 0 are nearer to the dead zone than
 * to the next step, so that it is smaller than the one they were divided by.
 *
 * @param step in root mean squares
 * @throws UpdateError `out_of_range` for a value that is not finite or beyond `LARGEST_VALUE`
 */
export function quantise(values: Float32Array, step: number): Quantised {
  const symbols = new Int8Array(values.length)
  const scales = new Uint16Array(Math.ceil(values.length / BLOCK))
  for (let block = 0; block < scales.length; block++) {
    const from = block * BLOCK
    const to = Math.min(values.length, from + BLOCK)
    let squares = 0
    let largest = 0
    for (let i = from; i < to; i++) {
      const value = values[i]!
      if (!(Math.abs(value) <= LARGEST_VALUE)) throw new UpdateError('out_of_range', `value ${i} is ${value}`)
      squares += value * value
      largest = Math.max(largest, Math.abs(value))
    }
    const bits = upperBits(Math.min(largest, step * Math.sqrt(squares / (to - from))))
    scales[block] = bits
    const scale = fromUpperBits(bits)
    if (scale === 0) continue
    let alike = 0
    let energy = 0
    for (let i = from; i < to; i++) {
      const value = values[i]!
      const size = Math.min(LARGEST_SYMBOL, Math.floor(Math.abs(value) / scale + ROUNDING))
      symbols[i] = value < 0 ? -size : size
      alike += Math.abs(value) * size
      energy += size * size
    }
    if (energy > 0) scales[block] = upperBits(alike / energy)
  }
  return { symbols, scales }
}

/** @throws UpdateError `corrupt` for a scale that no block has */
export function scalesOf(upper: Uint16Array): Float32Array {
  return Float32Array.from(upper, (bits, block) => {
    const scale = fromUpperBits(bits)
    if (!(scale >= 0 && scale <= LARGEST_SCALE))
      throw new UpdateError('corrupt', `scale ${scale} of block ${block}`)
    return scale
  })
}

/** @param content symbols with the scale of each block */
export function dequantise({ symbols, scales }: { symbols: Int8Array; scales: Float32Array }): Float32Array {
  const values = new Float32Array(symbols.length)
  for (let block = 0; block < scales.length; block++) {
    const scale = scales[block]!
    const to = Math.min(values.length, (block + 1) * BLOCK)
    for (let i = block * BLOCK; i < to; i++) values[i] = scale * symbols[i]!
  }
  return values
}

/** Added before rounding down: under ½, the dead zone is wider than the other steps. */
const ROUNDING = 0.45
/** Of the largest values at the largest step. */
export const LARGEST_STEP = 15.9375
const LARGEST_SCALE = LARGEST_VALUE * (LARGEST_STEP + 1)

const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)

function upperBits(value: number): number {
  float[0] = value
  return bits[0]! >>> 16
}

function fromUpperBits(upper: number): number {
  bits[0] = upper << 16
  return float[0]!
}
