import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import { optionsLayer, sameOptions } from '../codec/options.ts'
import type { Detector, Explanation } from '../detector.ts'
import { type Feature, namesOf } from '../feature.ts'
import type { History } from '../history.ts'
import { countedOf, explainResiduals, residualScore } from '../residual/residual.ts'
import { Standardiser } from '../standardiser/standardiser.ts'
import { JUDGED, LEARNED, Levels } from '../statistics/levels.ts'
import { Room } from '../statistics/room.ts'
import { Scales } from '../statistics/scales.ts'
import { Scratch } from '../statistics/scratch.ts'

export interface EwmaOptions {
  readonly features: readonly Feature[]
  /** Vectors that the moving average looks back. */
  readonly span: number
  /** Learned vectors after which what was learned weighs half. */
  readonly halfLife: number
}

const KIND = 'ewma'
const VERSION = 2
const MINIMUM = 30
/** Scales of changes: at least so many standard deviations of the feature itself. */
const BOUNDS = { clip: 5, floor: 0.3 }
const vectors = new Scratch()
const changes = new Scratch()

/**
 * Deviation of each feature from its exponentially weighted moving average: sees the beginning of anything that comes suddenly,
 * whatever the level was before.
 *
 * Raw score: mean of the largest absolute deviations (one feature in six), each in its own robust scale. Fails when trouble grows more slowly than the
 * average moves, or lasts: what stays becomes the level. Cost O(features); state 40 bytes a feature.
 *
 * Source: S. W. Roberts: Control chart tests based on geometric moving averages (1959); J. M. Lucas, M. S. Saccucci (1990).
 */
export class EwmaDetector implements Detector {
  readonly name = KIND
  readonly features: readonly string[]
  readonly #options: EwmaOptions
  readonly #standardiser: Standardiser
  readonly #levels: Levels
  readonly #scales: Scales
  readonly #counted: number
  readonly #vector: Float64Array
  readonly #change: Float64Array
  #fitted = 0

  /** @param standardiser of the same features, of others that learn the same vectors */
  constructor(
    options: EwmaOptions,
    room = new Room(),
    standardiser = new Standardiser(options.features, room),
  ) {
    const width = options.features.length
    this.#options = options
    this.features = namesOf(options.features)
    this.#standardiser = standardiser
    this.#levels = new Levels(width, options.span, room)
    this.#scales = new Scales(width, BOUNDS, options.halfLife, room)
    this.#counted = countedOf(width)
    this.#vector = vectors.of(width)
    this.#change = changes.of(width)
  }

  get ready(): boolean {
    return this.#fitted >= MINIMUM
  }

  fit(history: History): void {
    const { width, count } = history
    this.#standardiser.fit(history)
    this.#levels.reset(LEARNED)
    const rows = this.#standardiser.applyAll(history)
    const all = new Float64Array(rows.length)
    for (let i = 0; i < count; i++) {
      const row = rows.subarray(i * width, (i + 1) * width)
      this.#levels.deviation(LEARNED, row, all.subarray(i * width, (i + 1) * width))
      this.#levels.add(LEARNED, row)
    }
    this.#levels.catchUp()
    this.#scales.fit(all)
    this.#fitted = count
  }

  learn(vector: Float64Array): void {
    this.#standardiser.apply(vector, this.#vector)
    this.#levels.deviation(LEARNED, this.#vector, this.#change)
    this.#levels.add(LEARNED, this.#vector)
    this.#scales.add(this.#change)
  }

  observe(vector: Float64Array): void {
    this.#standardiser.apply(vector, this.#vector)
    this.#levels.add(JUDGED, this.#vector)
  }

  score(vector: Float64Array): number {
    return this.ready ? residualScore(this.#deviations(vector), this.#counted) : 0
  }

  explain(vector: Float64Array): Explanation {
    const z = this.ready ? this.#deviations(vector) : this.#change.fill(0)
    const scales = z.map((_, i) => this.#scales.of(i))
    return explainResiduals(z, this.#counted, this.#levels.of(JUDGED), scales, this.#standardiser)
  }

  save(): Uint8Array {
    const layers = new Map([
      optionsLayer(this.#options),
      ['fitted', { data: Float64Array.of(this.#fitted) }],
      ['level', { data: this.#levels.of(JUDGED) }],
      ['learned_level', { data: this.#levels.of(LEARNED) }],
      ['squares', { data: this.#scales.squares }],
      ...this.#standardiser.layers(),
    ])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    sameOptions(layers, this.#options)
    const count = this.features.length
    const fitted = layers.float64('fitted', 1)[0]!
    const level = layers.float64('level', count)
    const learnedLevel = layers.float64('learned_level', count)
    const squares = layers.float64('squares', count)
    this.#standardiser.restoreFrom(layers)
    this.#levels.reset(JUDGED, fitted > 0 ? level : undefined)
    this.#levels.reset(LEARNED, fitted > 0 ? learnedLevel : undefined)
    this.#scales.squares.set(squares)
    this.#fitted = fitted
  }

  /** Absolute changes in their scales; a change in the harmless direction is none. Valid until the next call. */
  #deviations(vector: Float64Array): Float64Array {
    this.#standardiser.apply(vector, this.#vector)
    this.#levels.deviation(JUDGED, this.#vector, this.#change)
    for (let i = 0; i < this.#change.length; i++)
      this.#change[i] = this.#standardiser.off(i, this.#change[i]!) / this.#scales.of(i)
    return this.#change
  }
}
