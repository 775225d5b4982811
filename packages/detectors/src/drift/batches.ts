import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'
import { Room } from '../statistics/room.ts'
import { Scratch } from '../statistics/scratch.ts'

/** Smallest variance that is told from none. */
const FLOOR = 0.05 ** 2
const means = new Scratch()
const spreads = new Scratch()

/** Mean and logarithm of the standard deviation of consecutive values, a batch at a time: nearly independent where single values are not. */
export class Batches {
  /** Of each series in the batch just filled, until another is; NaN where more than half of its values were missing. */
  readonly means: Float64Array
  readonly spreads: Float64Array
  readonly #size: number
  /** Values, sum, sum of squares of each series, then the vectors in the batch. */
  readonly #state: Float64Array
  readonly #from: number

  constructor(series: number, size: number, room = new Room()) {
    this.means = means.of(series)
    this.spreads = spreads.of(series)
    this.#size = size
    const { numbers, from } = room.float64(3 * series + 1)
    this.#state = numbers
    this.#from = from
  }

  /** @returns whether a batch is full */
  add(vector: Float64Array): boolean {
    const state = this.#state
    const series = this.means.length
    for (let i = 0; i < series; i++) {
      const value = vector[i]!
      if (Number.isNaN(value)) continue
      const at = this.#from + 3 * i
      state[at]!++
      state[at + 1]! += value
      state[at + 2]! += value * value
    }
    if (++state[this.#from + 3 * series]! < this.#size) return false
    for (let i = 0; i < series; i++) {
      const at = this.#from + 3 * i
      const count = state[at]!
      const mean = state[at + 1]! / count
      const enough = count * 2 >= this.#size
      this.means[i] = enough ? mean : Number.NaN
      const variance = Math.max(FLOOR, state[at + 2]! / count - mean * mean)
      this.spreads[i] = enough ? Math.log(variance) / 2 : Number.NaN
    }
    this.reset()
    return true
  }

  reset(): void {
    this.#own.fill(0)
  }

  layer(): Layer {
    return { data: this.#own }
  }

  /** @returns what takes over the state that was read; @throws ModelError, and is then as it was */
  read(name: string, layers: Layers): () => void {
    const state = layers.float64(name, this.#own.length)
    return () => this.#own.set(state)
  }

  /** The state itself, not a copy. */
  get #own(): Float64Array {
    return this.#state.subarray(this.#from, this.#from + 3 * this.means.length + 1)
  }
}
