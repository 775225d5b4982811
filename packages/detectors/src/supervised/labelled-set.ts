import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import { optionsLayer, sameOptions } from '../codec/options.ts'
import { seeded } from '../statistics/sampling.ts'

/** Vectors with a verdict: what a classifier is fitted on. */
export interface Labelled {
  /** Confirmed anomalies (`true_positive`, or a label of 1). */
  readonly anomalous: readonly Float64Array[]
  /** False alarms (`false_positive`), or a label of 0. */
  readonly normal: readonly Float64Array[]
}

export interface LabelledSetOptions {
  readonly features: readonly string[]
  /** Vectors kept of each verdict. */
  readonly capacity: number
  readonly seed: number
}

const KIND = 'labelled_set'
const VERSION = 2

/**
 * Vectors with a verdict, in bounded memory: a uniform sample of all that came, of each verdict by itself, so that a flood of false alarms does
 * not push out the few confirmed anomalies. Same calls, same state; a restart changes nothing. O(features) to add; state 16 · capacity · features bytes.
 *
 * Source: J. S. Vitter: Random sampling with a reservoir (1985), algorithm R.
 */
export class LabelledSet implements Labelled {
  readonly features: readonly string[]
  readonly #options: LabelledSetOptions
  #anomalous: Reservoir
  #normal: Reservoir

  constructor(options: LabelledSetOptions) {
    this.features = options.features
    this.#options = options
    this.#anomalous = { seen: 0, vectors: [] }
    this.#normal = { seen: 0, vectors: [] }
  }

  get anomalous(): readonly Float64Array[] {
    return this.#anomalous.vectors
  }

  get normal(): readonly Float64Array[] {
    return this.#normal.vectors
  }

  /** @param vector copied; NaN is a missing value */
  add(vector: Float64Array, anomalous: boolean): void {
    const { capacity, seed } = this.#options
    const reservoir = anomalous ? this.#anomalous : this.#normal
    const { vectors, seen } = reservoir
    const drawn = uniform(seed, 2 * seen + (anomalous ? 1 : 0))
    const place = vectors.length < capacity ? vectors.length : Math.floor(drawn * (seen + 1))
    if (place < capacity) vectors[place] = vector.slice()
    reservoir.seen++
  }

  /** Takes back what was added, when the operator thinks better of it. Nothing happens when it was not kept. */
  withdraw(vector: Float64Array, anomalous: boolean): void {
    const reservoir = anomalous ? this.#anomalous : this.#normal
    const at = reservoir.vectors.findIndex((kept) => kept.every((value, i) => Object.is(value, vector[i])))
    if (at < 0) return
    reservoir.vectors.splice(at, 1)
    reservoir.seen--
  }

  save(): Uint8Array {
    const layers = new Map([
      optionsLayer(this.#options),
      ['seen', { data: Float64Array.of(this.#anomalous.seen, this.#normal.seen) }],
      ['anomalous', { data: flat(this.anomalous) }],
      ['normal', { data: flat(this.normal) }],
    ])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  /** @throws ModelError, and is then as it was */
  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    sameOptions(layers, this.#options)
    const seen = layers.float64('seen', 2)
    const width = this.features.length
    const read = (name: string, count: number): Reservoir => {
      const values = layers.float64(name)
      const held = values.length / width
      if (!Number.isInteger(held) || held > Math.min(count, this.#options.capacity))
        throw new ModelError(
          'foreign',
          `layer ${name} has ${values.length} values of ${count} vectors of ${width}`,
        )
      const vectors = Array.from({ length: held }, (_, i) => values.slice(i * width, (i + 1) * width))
      return { seen: count, vectors }
    }
    const anomalous = read('anomalous', seen[0]!)
    this.#normal = read('normal', seen[1]!)
    this.#anomalous = anomalous
  }
}

interface Reservoir {
  seen: number
  readonly vectors: Float64Array[]
}

function flat(vectors: readonly Float64Array[]): Float64Array {
  const width = vectors[0]?.length ?? 0
  const out = new Float64Array(vectors.length * width)
  for (const [i, vector] of vectors.entries()) out.set(vector, i * width)
  return out
}

/** The number belonging to an index: no state to keep. Seeds are spread by MurmurHash3's finaliser, since those next to one another give like numbers. */
function uniform(seed: number, index: number): number {
  let hash = (seed ^ Math.imul(index, 0x9e3779b9)) | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return seeded(hash ^ (hash >>> 16))()
}
