import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'

/** Added to each step before its logarithm, in usual steps of the series: smaller ones are as good as none. */
const STILL = 0.02
/** The smallest usual step, in standard deviations of the series. */
const SMALLEST = 1e-3

/**
 * Logarithms of the latest `span` absolute steps of several series from one value to the next. A missing value (NaN) makes a step of NaN,
 * which is left out.
 */
export class Steps {
  readonly #span: number
  readonly #latest: Float64Array
  readonly #ring: Float32Array
  readonly #count = new Float64Array(1)
  readonly #still: Float64Array

  constructor(series: number, span: number) {
    this.#span = span
    this.#latest = new Float64Array(series).fill(Number.NaN)
    this.#ring = new Float32Array(series * span).fill(Number.NaN)
    this.#still = new Float64Array(series).fill(STILL * SMALLEST)
  }

  /** @param usual step of each series; comes before all values */
  expect(usual: Float64Array): void {
    this.reset()
    for (let i = 0; i < usual.length; i++) this.#still[i] = STILL * Math.max(SMALLEST, usual[i]!)
  }

  add(vector: Float64Array): void {
    const slot = this.#count[0]!++ % this.#span
    for (let i = 0; i < this.#latest.length; i++) {
      const value = vector[i]!
      this.#ring[i * this.#span + slot] = this.#log(i, value)
      if (!Number.isNaN(value)) this.#latest[i] = value
    }
  }

  /**
   * Writes, for each series, the mean logarithm of the steps of the stretch that ends with `vector`: one far value hardly moves it. Summed anew
   * each time: nothing lingers.
   */
  logs(vector: Float64Array, out: Float64Array): void {
    const span = this.#span
    const oldest = this.#count[0]! % span
    for (let i = 0; i < out.length; i++) {
      const next = this.#log(i, vector[i]!)
      let sum = Number.isNaN(next) ? 0 : next
      let count = Number.isNaN(next) ? 0 : 1
      for (let k = 0; k < span; k++) {
        const step = this.#ring[i * span + k]!
        if (k === oldest || Number.isNaN(step)) continue
        sum += step
        count++
      }
      out[i] = count > 0 ? sum / count : Math.log(this.#still[i]!)
    }
  }

  /** Steps of a series that are known. */
  known(i: number): number {
    let count = 0
    for (let k = 0; k < this.#span; k++) if (!Number.isNaN(this.#ring[i * this.#span + k]!)) count++
    return count
  }

  /** The series' latest value, or `otherwise` while there is none. */
  before(i: number, otherwise: number): number {
    const value = this.#latest[i]!
    return Number.isNaN(value) ? (Number.isNaN(otherwise) ? 0 : otherwise) : value
  }

  reset(): void {
    this.#count[0] = 0
    this.#latest.fill(Number.NaN)
    this.#ring.fill(Number.NaN)
  }

  copy(other: Steps): void {
    this.#count.set(other.#count)
    this.#latest.set(other.#latest)
    this.#ring.set(other.#ring)
    this.#still.set(other.#still)
  }

  layers(name: string): [string, Layer][] {
    return [
      [`${name}.count`, { data: this.#count }],
      [`${name}.latest`, { data: this.#latest }],
      [`${name}.steps`, { data: this.#ring }],
      [`${name}.still`, { data: this.#still }],
    ]
  }

  /** @returns what takes over the state that was read; @throws ModelError, and is then as it was */
  read(name: string, layers: Layers): () => void {
    const count = layers.float64(`${name}.count`, 1)
    const latest = layers.float64(`${name}.latest`, this.#latest.length)
    const ring = layers.float32(`${name}.steps`, this.#ring.length)
    const still = layers.float64(`${name}.still`, this.#still.length)
    return () => {
      this.#count.set(count)
      this.#latest.set(latest)
      this.#ring.set(ring)
      this.#still.set(still)
    }
  }

  #log(i: number, value: number): number {
    return Math.log(Math.abs(value - this.#latest[i]!) + this.#still[i]!)
  }
}
