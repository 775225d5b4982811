import type { Vector } from './dense.ts'
import { piece, type Values } from './vector.ts'

/** Values looked at at a time. */
const PIECE = 1024

/**
 * A random linear map to few dimensions that keeps distances and angles, to a relative error of about √(2/size): each coordinate is added
 * to, or taken from, one place (M. Charikar, K. Chen, M. Farach-Colton 2002). One pass over a vector, however many dimensions remain.
 * Whoever knows the random numbers can make vectors that it confuses: they are the server's secret.
 */
export class Projection {
  readonly size: number
  readonly #places: Uint16Array
  readonly #signs: Int8Array

  /** @param width of the vectors, @param size at most 65,536 */
  constructor(width: number, size: number, rng: () => number) {
    this.size = size
    this.#places = new Uint16Array(width)
    this.#signs = new Int8Array(width)
    for (let i = 0; i < width; i++) {
      this.#places[i] = Math.floor(rng() * size)
      this.#signs[i] = rng() < 0.5 ? -1 : 1
    }
  }

  sketch(values: Values): Float64Array {
    const sketch = new Float64Array(this.size)
    const room = new Float64Array(PIECE)
    for (let from = 0; from < this.#places.length; from += PIECE)
      this.#add(piece(values, from, Math.min(this.#places.length, from + PIECE), room), from, sketch)
    return sketch
  }

  #add(part: Vector, from: number, sketch: Float64Array): void {
    for (let i = 0; i < part.length; i++)
      sketch[this.#places[from + i]!]! += this.#signs[from + i]! * part[i]!
  }
}
