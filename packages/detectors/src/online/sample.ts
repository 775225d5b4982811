import type { Layers } from '../codec/layers.ts'
import type { LayerData } from '../codec/model.ts'

/** What a sample is gathered for: the first fit, one from scratch, or the fit of members that could not be fitted before. */
export type Purpose = 'warm_up' | 'anew' | 'join'
const PURPOSES: readonly Purpose[] = ['warm_up', 'anew', 'join']

/** Ring of the latest vectors for a fit. Takes memory only while one is being prepared. */
export class Sample {
  readonly #width: number
  readonly #size: number
  #vectors: Float64Array | undefined
  #timesMs: Float64Array | undefined
  #taken = 0
  #purpose: Purpose = 'warm_up'

  /** @param size vectors that a fit needs */
  constructor(width: number, size: number) {
    this.#width = width
    this.#size = size
  }

  get purpose(): Purpose {
    return this.#purpose
  }

  /** Vectors that it holds. */
  get count(): number {
    return Math.min(this.#taken, this.#size)
  }

  /** Keeps a vector; those for another purpose are forgotten. */
  keep(purpose: Purpose, values: Float64Array, timeMs: number): void {
    if (purpose !== this.#purpose) this.forget()
    this.#purpose = purpose
    this.#vectors ??= new Float64Array(this.#size * this.#width)
    this.#timesMs ??= new Float64Array(this.#size)
    const place = this.#taken++ % this.#size
    this.#timesMs[place] = timeMs
    this.#vectors.set(values, place * this.#width)
  }

  forget(): void {
    this.#vectors = undefined
    this.#timesMs = undefined
    this.#taken = 0
  }

  /** Gives away what was gathered, oldest first, once it is enough. */
  take(): { readonly vectors: Float64Array; readonly timesMs: Float64Array } | undefined {
    const [vectors, timesMs] = [this.#vectors, this.#timesMs]
    if (vectors === undefined || timesMs === undefined || this.#taken < this.#size) return undefined
    const oldest = this.#taken % this.#size
    rotate(vectors, oldest * this.#width)
    rotate(timesMs, oldest)
    this.forget()
    return { vectors, timesMs }
  }

  layers(): [string, { data: LayerData }][] {
    if (this.#vectors === undefined || this.#timesMs === undefined) return []
    return [
      ['sample.vectors', { data: this.#vectors }],
      ['sample.times', { data: this.#timesMs }],
      ['sample.taken', { data: Float64Array.of(this.#taken, PURPOSES.indexOf(this.#purpose)) }],
    ]
  }

  /** @throws ModelError, and is then of no use any more. */
  restore(layers: Layers): void {
    if (!layers.has('sample.vectors')) return
    this.#vectors = layers.float64('sample.vectors', this.#size * this.#width)
    this.#timesMs = layers.float64('sample.times', this.#size)
    const [taken, purpose] = layers.float64('sample.taken', 2)
    this.#taken = taken!
    this.#purpose = PURPOSES[purpose!] ?? 'warm_up'
  }
}

/** Moves what begins at `from` to the front, and what was before it behind. */
function rotate(array: Float64Array, from: number): void {
  if (from === 0) return
  const front = array.slice(0, from)
  array.copyWithin(0, from)
  array.set(front, array.length - from)
}
