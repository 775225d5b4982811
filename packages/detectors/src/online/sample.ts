import type { Layers } from '../codec/layers.ts'
import type { LayerData } from '../codec/model.ts'

/** What a sample is gathered for: the first fit, one from scratch, or the fit of members that could not be fitted before. */
export type Purpose = 'warm_up' | 'anew' | 'join'
const PURPOSES: readonly Purpose[] = ['warm_up', 'anew', 'join']

/** Ring of the latest vectors for a fit. */
export class Sample {
  readonly purpose: Purpose
  readonly #vectors: Float64Array
  readonly #timesMs: Float64Array
  #taken = 0

  /** @param size vectors that a fit needs */
  constructor(purpose: Purpose, width: number, size: number) {
    this.purpose = purpose
    this.#vectors = new Float64Array(size * width)
    this.#timesMs = new Float64Array(size)
  }

  /** Vectors that it holds. */
  get count(): number {
    return Math.min(this.#taken, this.#timesMs.length)
  }

  /** Whether they are enough. */
  get full(): boolean {
    return this.#taken >= this.#timesMs.length
  }

  keep(values: Float64Array, timeMs: number): void {
    const place = this.#taken++ % this.#timesMs.length
    this.#timesMs[place] = timeMs
    this.#vectors.set(values, place * values.length)
  }

  /** Gives away what was gathered, oldest first: to be asked once, when it is full. */
  give(): { readonly vectors: Float64Array; readonly timesMs: Float64Array } {
    const [vectors, timesMs] = [this.#vectors, this.#timesMs]
    const oldest = this.#taken % timesMs.length
    rotate(vectors, (oldest * vectors.length) / timesMs.length)
    rotate(timesMs, oldest)
    return { vectors, timesMs }
  }

  layers(): [string, { data: LayerData }][] {
    return [
      ['sample.vectors', { data: this.#vectors }],
      ['sample.times', { data: this.#timesMs }],
      ['sample.taken', { data: Float64Array.of(this.#taken, PURPOSES.indexOf(this.purpose)) }],
    ]
  }

  /** The one that was saved, if any. @throws ModelError */
  static from(layers: Layers, width: number, size: number): Sample | undefined {
    if (!layers.has('sample.vectors')) return undefined
    const [taken, purpose] = layers.float64('sample.taken', 2)
    const sample = new Sample(PURPOSES[purpose!] ?? 'warm_up', width, size)
    sample.#vectors.set(layers.float64('sample.vectors', size * width))
    sample.#timesMs.set(layers.float64('sample.times', size))
    sample.#taken = taken!
    return sample
  }
}

/** Moves what begins at `from` to the front, and what was before it behind. */
function rotate(array: Float64Array, from: number): void {
  if (from === 0) return
  const front = array.slice(0, from)
  array.copyWithin(0, from)
  array.set(front, array.length - from)
}
