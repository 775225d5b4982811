import { decayOf } from './half-life.ts'
import { Room } from './room.ts'

export interface Bounds {
  /** Residuals of more than so many scales do not widen the scale further. */
  readonly clip: number
  /** Smallest scale that is believed. */
  readonly floor: number
}

/**
 * Running scale of several series of residuals around 0: the root mean square, of residuals drawn in to `clip` times the scale
 * itself (Huber's proposal 2, made recursive, without its consistency factor). A large `clip` lets heavy tails widen the scale, a small one does not.
 */
export class Scales {
  readonly #series: number
  readonly #bounds: Bounds
  readonly #halfLife: number
  readonly #squares: Float64Array
  readonly #from: number

  /** @param bounds kept as it is, so best the same for all, @param halfLife values after which a value weighs half */
  constructor(series: number, bounds: Bounds, halfLife: number, room = new Room()) {
    this.#series = series
    this.#bounds = bounds
    this.#halfLife = halfLife
    const { numbers, from } = room.float64(series)
    this.#squares = numbers
    this.#from = from
  }

  /** The squared scales themselves, not a copy. */
  get squares(): Float64Array {
    return this.#squares.subarray(this.#from, this.#from + this.#series)
  }

  /** @param residuals row by row, one of each series; begins anew from all of them */
  fit(residuals: Float64Array): void {
    const { squares } = this
    const { clip } = this.#bounds
    const width = squares.length
    const count = residuals.length / width
    for (let i = 0; i < width; i++) {
      const sorted = Float64Array.from({ length: count }, (_, row) => residuals[row * width + i]! ** 2).sort()
      // From below: begun at the root mean square a few outliers would keep it wide.
      let square = Math.max(1e-12, (sorted[count >> 1] ?? 0) / 0.455)
      for (let pass = 0; pass < PASSES; pass++) {
        let sum = 0
        for (const value of sorted) sum += Math.min(value, clip ** 2 * square)
        const next = Math.max(1e-12, sum / Math.max(1, count))
        if (next === square) break
        square = next
      }
      squares[i] = square
    }
  }

  add(residuals: Float64Array): void {
    const squares = this.#squares
    const from = this.#from
    const clip = this.#bounds.clip ** 2
    const weight = 1 - decayOf(this.#halfLife)
    for (let i = 0; i < this.#series; i++) {
      const square = squares[from + i]!
      const drawn = Math.min(residuals[i]! ** 2, clip * square)
      squares[from + i] = Math.max(1e-12, square + weight * (drawn - square))
    }
  }

  of(series: number): number {
    return Math.max(this.#bounds.floor, Math.sqrt(this.#squares[this.#from + series]!))
  }
}

const PASSES = 20
