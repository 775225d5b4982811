import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'

/** One vector in so many is kept: neighbours tell almost the same. */
const EVERY = 8
const CAPACITY = 32

/**
 * Residuals of the latest observed vectors, by the vectors' times, until it is known whether they count as normal: a recurrent network
 * cannot be asked later what it expected then. A ring in single precision, 4 bytes a feature and 8 each.
 */
export class RecentResiduals {
  static readonly every = EVERY
  readonly #width: number
  readonly #timesMs = new Float64Array(CAPACITY).fill(Number.NaN)
  readonly #values: Float32Array
  #added = 0

  constructor(width: number) {
    this.#width = width
    this.#values = new Float32Array(CAPACITY * width)
  }

  add(residuals: Float64Array, timeMs: number): void {
    const count = this.#added++
    if (count % EVERY !== 0) return
    const place = (count / EVERY) % CAPACITY
    this.#timesMs[place] = timeMs
    this.#values.set(residuals, place * this.#width)
  }

  /** Hands the residuals of that time out, once. */
  take(timeMs: number, out: Float64Array): boolean {
    for (let place = 0; place < CAPACITY; place++) {
      if (this.#timesMs[place] !== timeMs) continue
      this.#timesMs[place] = Number.NaN
      const from = place * this.#width
      for (let i = 0; i < out.length; i++) out[i] = this.#values[from + i]!
      return true
    }
    return false
  }

  clear(): void {
    this.#timesMs.fill(Number.NaN)
    this.#values.fill(0)
    this.#added = 0
  }

  layers(): [string, Layer][] {
    return [
      ['recent.added', { data: Float64Array.of(this.#added) }],
      ['recent.times', { data: this.#timesMs }],
      ['recent.residuals', { data: this.#values }],
    ]
  }

  /** @throws ModelError */
  static from(layers: Layers, width: number): RecentResiduals {
    const recent = new RecentResiduals(width)
    recent.#added = layers.float64('recent.added', 1)[0]!
    recent.#timesMs.set(layers.float64('recent.times', CAPACITY))
    recent.#values.set(layers.float32('recent.residuals', CAPACITY * width))
    return recent
  }

  become(other: RecentResiduals): void {
    this.#added = other.#added
    this.#timesMs.set(other.#timesMs)
    this.#values.set(other.#values)
  }
}
