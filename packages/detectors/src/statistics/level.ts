import { Room } from './room.ts'

/** Exponentially weighted moving average of vectors (S. W. Roberts 1959). Before the first vector there is none. */
export class Level {
  readonly #weight: number
  readonly values: Float64Array
  #started = false

  /** @param span vectors that it looks back, on average */
  constructor(width: number, span: number, room = new Room()) {
    this.#weight = 1 / span
    this.values = room.float64(width)
  }

  get started(): boolean {
    return this.#started
  }

  add(vector: Float64Array): void {
    const weight = this.#started ? this.#weight : 1
    this.#started = true
    const { values } = this
    for (let i = 0; i < values.length; i++) values[i]! += weight * (vector[i]! - values[i]!)
  }

  /** Writes vector − average to `out`; 0 while there is none. */
  deviation(vector: Float64Array, out: Float64Array): void {
    const { values } = this
    for (let i = 0; i < values.length; i++) out[i] = this.#started ? vector[i]! - values[i]! : 0
  }

  reset(values?: Float64Array): void {
    this.#started = values !== undefined
    if (values === undefined) this.values.fill(0)
    else this.values.set(values)
  }
}
