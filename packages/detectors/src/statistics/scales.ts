import { Room } from './room.ts'

/**
 * Running scale of several series of residuals around 0: the root mean square, of residuals drawn in to `clip` times the scale
 * itself (Huber's proposal 2, made recursive, without its consistency factor). A large `clip` lets heavy tails widen the scale, a small one does not.
 */
export class Scales {
  readonly squares: Float64Array
  readonly #clip: number
  readonly #floor: number
  readonly #weight: number

  /** @param floor smallest scale that is believed, @param halfLife values after which a value weighs half */
  constructor(
    series: number,
    { clip, floor, halfLife }: { clip: number; floor: number; halfLife: number },
    room = new Room(),
  ) {
    this.squares = room.float64(series)
    this.#clip = clip
    this.#floor = floor
    this.#weight = 1 - 2 ** (-1 / halfLife)
  }

  /** @param residuals row by row, one of each series; begins anew from all of them */
  fit(residuals: Float64Array): void {
    const { squares } = this
    const width = squares.length
    const count = residuals.length / width
    for (let i = 0; i < width; i++) {
      const sorted = Float64Array.from({ length: count }, (_, row) => residuals[row * width + i]! ** 2).sort()
      // From below: begun at the root mean square a few outliers would keep it wide.
      let square = Math.max(1e-12, (sorted[count >> 1] ?? 0) / 0.455)
      for (let pass = 0; pass < PASSES; pass++) {
        let sum = 0
        for (const value of sorted) sum += Math.min(value, this.#clip ** 2 * square)
        const next = Math.max(1e-12, sum / Math.max(1, count))
        if (next === square) break
        square = next
      }
      squares[i] = square
    }
  }

  add(residuals: Float64Array): void {
    const { squares } = this
    const clip = this.#clip ** 2
    for (let i = 0; i < squares.length; i++) {
      const drawn = Math.min(residuals[i]! ** 2, clip * squares[i]!)
      squares[i] = Math.max(1e-12, squares[i]! + this.#weight * (drawn - squares[i]!))
    }
  }

  of(series: number): number {
    return Math.max(this.#floor, Math.sqrt(this.squares[series]!))
  }
}

const PASSES = 20
