import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'

const BINS = 24
/** Cycles that make the reference. */
const REFERENCE = 2
/** Bins of a cycle that must hold something. */
const FILLED = 0.8
/** Smallest change of the shape, root mean square over the phases, in the unit of the values. */
const SIZE = 0.7
/** Two cycles in a row have changed in the same way when they differ by no more than this part of the change. */
const ALIKE = 0.5

/**
 * Whether a season has another shape than it had: two cycles in a row that differ from the first two, and in the same way. The level
 * of each cycle is taken out. State 24 × 16 bytes a series.
 */
export class Cycles {
  readonly #series: number
  readonly #periodMs: number
  readonly #sums: Float32Array
  readonly #counts: Float32Array
  readonly #reference: Float32Array
  readonly #before: Float32Array
  readonly #change: Float64Array
  /** Number of the cycle, complete cycles in the reference, whether `before` is there, beginning of the cycle before in ms. */
  readonly #state = Float64Array.of(Number.NaN, 0, 0, 0)

  constructor(series: number, periodMs: number) {
    this.#series = series
    this.#periodMs = periodMs
    this.#sums = new Float32Array(series * BINS)
    this.#counts = new Float32Array(series * BINS)
    this.#reference = new Float32Array(series * BINS)
    this.#before = new Float32Array(series * BINS)
    this.#change = new Float64Array(BINS)
  }

  /** Beginning of the first cycle that has changed. */
  get sinceMs(): number {
    return this.#state[3]!
  }

  /** @returns the series that has another shape, or -1 */
  add(vector: Float64Array, timeMs: number): number {
    const cycle = Math.floor(timeMs / this.#periodMs)
    const changed = cycle === this.#state[0] ? -1 : this.#finish()
    this.#state[0] = cycle
    const bin = Math.min(BINS - 1, Math.floor((timeMs / this.#periodMs - cycle) * BINS))
    for (let i = 0; i < this.#series; i++) {
      if (Number.isNaN(vector[i]!)) continue
      this.#sums[i * BINS + bin]! += vector[i]!
      this.#counts[i * BINS + bin]!++
    }
    return changed
  }

  reset(): void {
    for (const each of [this.#sums, this.#counts, this.#reference, this.#before]) each.fill(0)
    this.#state.set([Number.NaN, 0, 0, 0])
  }

  layers(name: string): [string, Layer][] {
    return [
      [`${name}.state`, { data: this.#state }],
      [`${name}.sums`, { data: this.#sums }],
      [`${name}.counts`, { data: this.#counts }],
      [`${name}.reference`, { data: this.#reference }],
      [`${name}.before`, { data: this.#before }],
    ]
  }

  /** @returns what takes over the state that was read; @throws ModelError, and is then as it was */
  read(name: string, layers: Layers): () => void {
    const state = layers.float64(`${name}.state`, 4)
    const arrays = {
      sums: this.#sums,
      counts: this.#counts,
      reference: this.#reference,
      before: this.#before,
    }
    const read = Object.entries(arrays).map(
      ([key, array]) => [array, layers.float32(`${name}.${key}`, array.length)] as const,
    )
    return () => {
      this.#state.set(state)
      for (const [array, data] of read) array.set(data)
    }
  }

  #finish(): number {
    const state = this.#state
    const complete = this.#counts.filter((count) => count > 0).length >= FILLED * this.#counts.length
    let largest = -1
    if (complete && state[1]! < REFERENCE) {
      const share = 1 / ++state[1]!
      for (let i = 0; i < this.#series; i++) {
        this.#shape(i)
        for (let bin = 0; bin < BINS; bin++) {
          const at = i * BINS + bin
          this.#reference[at]! += share * (this.#change[bin]! - this.#reference[at]!)
        }
      }
    } else if (complete) {
      let size = SIZE
      for (let i = 0; i < this.#series; i++) {
        const change = this.#compare(i)
        if (state[2] === 1 && change >= size) {
          largest = i
          size = change
        }
      }
      if (largest < 0) state[3] = state[0]! * this.#periodMs
      state[2] = 1
    }
    this.#sums.fill(0)
    this.#counts.fill(0)
    return largest
  }

  /** Writes the cycle's means by phase, less their mean, to `#change`; a phase without values is at the mean. */
  #shape(i: number): void {
    let mean = 0
    let filled = 0
    for (let bin = 0; bin < BINS; bin++) {
      const at = i * BINS + bin
      this.#change[bin] = this.#counts[at]! > 0 ? this.#sums[at]! / this.#counts[at]! : Number.NaN
      if (this.#counts[at]! === 0) continue
      mean += this.#change[bin]!
      filled++
    }
    mean = filled > 0 ? mean / filled : 0
    for (let bin = 0; bin < BINS; bin++)
      this.#change[bin] = Number.isNaN(this.#change[bin]!) ? 0 : this.#change[bin]! - mean
  }

  /** How far the cycle is from the reference, 0 when the cycle before was not off in the same way; keeps it as the cycle before. */
  #compare(i: number): number {
    this.#shape(i)
    let change = 0
    let apart = 0
    for (let bin = 0; bin < BINS; bin++) {
      const at = i * BINS + bin
      const difference = this.#change[bin]! - this.#reference[at]!
      change += difference ** 2 / BINS
      apart += (difference - this.#before[at]!) ** 2 / BINS
      this.#before[at] = difference
    }
    return apart <= ALIKE ** 2 * change ? Math.sqrt(change) : 0
  }
}
