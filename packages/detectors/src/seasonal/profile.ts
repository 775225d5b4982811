import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'

/** Cycles for which the rest of the model is trusted as much as a phase: what was seen once may have been chance. */
const DOUBT = 0.5

/**
 * What one season adds to the level of each feature: an offset for each of its phases (bins), linear in between. A phase that was
 * seen in few cycles counts for less, one never seen for nothing.
 *
 * A bin's offset is the mean of what it was given, forgetting exponentially once it is old; `locate` comes before all the others.
 * State: 4 bytes a feature and bin, and 20 bytes a bin.
 */
export class Profile {
  readonly bins: number
  readonly #width: number
  readonly offsets: Float32Array
  /** Values that each bin was given. */
  readonly counts: Float32Array
  /** Cycles in which each bin was given any. */
  readonly cycles: Float32Array
  readonly latest: Float64Array
  periodMs = 0
  #weight = 0
  #bin = 0
  #other = 0
  /** How far from the centre of `bin` towards that of `other`, 0 to 0.5. */
  #toOther = 0
  #cycle = 0

  constructor(width: number, bins: number) {
    this.#width = width
    this.bins = bins
    this.offsets = new Float32Array(width * bins)
    this.counts = new Float32Array(bins)
    this.cycles = new Float32Array(bins)
    this.latest = new Float64Array(bins).fill(Number.NEGATIVE_INFINITY)
  }

  clear(): void {
    this.offsets.fill(0)
    this.counts.fill(0)
    this.cycles.fill(0)
    this.latest.fill(Number.NEGATIVE_INFINITY)
  }

  /** @param periodMs 0: no season, @param memory cycles after which a value weighs half, @param stepMs between two values */
  resume(periodMs: number, memory: number, stepMs: number): void {
    this.periodMs = periodMs
    const valuesPerVisit = Math.max(1, periodMs / this.bins / stepMs)
    this.#weight = 1 - 2 ** (-1 / (memory * valuesPerVisit))
  }

  locate(localMs: number): void {
    if (this.periodMs <= 0) return
    const cycles = localMs / this.periodMs
    this.#cycle = Math.floor(cycles)
    const phase = (cycles - this.#cycle) * this.bins
    this.#bin = Math.min(this.bins - 1, Math.floor(phase))
    const fromCentre = phase - this.#bin - 0.5
    const neighbour = fromCentre < 0 ? this.#bin + this.bins - 1 : this.#bin + 1
    this.#other = neighbour % this.bins
    this.#toOther = Math.min(0.5, Math.abs(fromCentre))
  }

  get bin(): number {
    return this.#bin
  }

  get other(): number {
    return this.#other
  }

  /** Whether the located phase is in its first cycle. */
  get first(): boolean {
    return this.cycles[this.#bin]! <= 1
  }

  offset(feature: number): number {
    if (this.periodMs <= 0) return 0
    const own = this.#trusted(this.#bin, feature)
    return own + this.#toOther * (this.#trusted(this.#other, feature) - own)
  }

  /** A vector is about to be learned at the phase; @returns the weight of its errors */
  visit(): number {
    const bin = this.#bin
    if (this.latest[bin] !== this.#cycle) {
      this.latest[bin] = this.#cycle
      this.cycles[bin] = Math.min(1e6, this.cycles[bin]! + 1)
    }
    this.counts[bin] = Math.min(1e6, this.counts[bin]! + 1)
    return Math.max(1 / this.counts[bin]!, this.#weight)
  }

  /** @param error what the offset of the feature should have been larger by */
  add(feature: number, error: number, weight: number): void {
    this.offsets[this.#bin * this.#width + feature]! += weight * error
  }

  set(bin: number, feature: number, offset: number): void {
    this.offsets[bin * this.#width + feature] = offset
  }

  layers(name: string): [string, Layer][] {
    return [
      [`${name}.offsets`, { data: this.offsets, shape: [this.bins, this.#width] }],
      [`${name}.counts`, { data: this.counts }],
      [`${name}.cycles`, { data: this.cycles }],
      [`${name}.latest`, { data: this.latest }],
    ]
  }

  /** @returns what takes over the state that was read; @throws ModelError, and is then as it was */
  read(name: string, layers: Layers): () => void {
    const offsets = layers.float32(`${name}.offsets`, this.offsets.length)
    const counts = layers.float32(`${name}.counts`, this.bins)
    const cycles = layers.float32(`${name}.cycles`, this.bins)
    const latest = layers.float64(`${name}.latest`, this.bins)
    return () => {
      this.offsets.set(offsets)
      this.counts.set(counts)
      this.cycles.set(cycles)
      this.latest.set(latest)
    }
  }

  #trusted(bin: number, feature: number): number {
    const seen = this.cycles[bin]!
    return (this.offsets[bin * this.#width + feature]! * seen) / (seen + DOUBT)
  }
}
