import { Layers } from '../codec/layers.ts'
import { encodeModel, type Layer } from '../codec/model.ts'
import { optionsLayer, sameOptions } from '../codec/options.ts'
import type { Detector, Explanation } from '../detector.ts'
import { type Feature, namesOf } from '../feature.ts'
import type { History } from '../history.ts'
import { countedOf, explainResiduals, residualScore } from '../residual/residual.ts'
import { Standardiser } from '../standardiser/standardiser.ts'
import { Scales } from '../statistics/scales.ts'
import { Steps } from './steps.ts'

export interface StretchOptions {
  readonly features: readonly Feature[]
  /** Vectors of a stretch. */
  readonly span: number
  /** Learned vectors after which what was learned weighs half. */
  readonly halfLife: number
}

const KIND = 'stretch'
const VERSION = 2
const MINIMUM = 30
/** Smallest scale: that of six steps of plain noise. What moves more evenly is not believed to. */
const FLOOR = 0.4
const CLIP = 5
/** Restlessness counts up to here: what idles for hours wakes up now and then. */
const RESTLESS = 3
/**
 * How much each feature moves from one vector to the next, over a stretch of the latest `span` vectors: sees values that stand still (a
 * hung collector, a stuck gauge, load that no longer varies) or swing though none of them is odd by itself.
 *
 * Per feature the mean logarithm of the absolute steps of the stretch, against its median in its robust scale: one far vector hardly
 * moves it, and a stretch that is still from end to end moves it far. A missing value makes no step, and a series with fewer than half of
 * them is left out. Raw score: mean of the largest absolute deviations (one feature in six). Fails when: a
 * feature is as good as constant in normal operation (it cannot stand stiller), restlessness follows the season, or the trouble is shorter
 * than the span. Cost O(features × span) a vector; state features × (8·span + 70) bytes.
 *
 * Source: the complexity of a series by the length of its line, G. Batista et al.: A complexity-invariant distance measure for time series
 * (SDM 2011), here as a control chart of its logarithm.
 */
export class StretchDetector implements Detector {
  readonly name = KIND
  readonly features: readonly string[]
  readonly #options: StretchOptions
  readonly #standardiser: Standardiser
  readonly #scales: Scales
  readonly #centers: Float64Array
  readonly #counted: number
  readonly #weight: number
  readonly #context: Steps
  /** Of the vectors that are learned: they come later than those that are scored, and not all of them come. */
  readonly #learned: Steps
  readonly #vector: Float64Array
  readonly #deviation: Float64Array
  #fitted = 0

  constructor(options: StretchOptions) {
    const width = options.features.length
    this.#options = options
    this.features = namesOf(options.features)
    // To stand still at a harmless height is trouble all the same.
    this.#standardiser = new Standardiser(options.features.map((each) => ({ ...each, direction: 'both' })))
    this.#scales = new Scales(width, { clip: CLIP, floor: FLOOR }, options.halfLife)
    this.#centers = new Float64Array(width)
    this.#counted = countedOf(width)
    this.#weight = 1 - 2 ** (-1 / options.halfLife)
    this.#context = new Steps(width, options.span)
    this.#learned = new Steps(width, options.span)
    this.#vector = new Float64Array(width)
    this.#deviation = new Float64Array(width)
  }

  get ready(): boolean {
    return this.#fitted >= MINIMUM
  }

  fit(history: History): void {
    const { width, count } = history
    this.#standardiser.fit(history)
    this.#learned.expect(this.#usualSteps(history))
    const logs = new Float64Array(count * width)
    for (let row = 0; row < count; row++) {
      this.#standardiser.applyKnown(history.row(row), this.#vector)
      this.#learned.logs(this.#vector, logs.subarray(row * width, (row + 1) * width))
      this.#learned.add(this.#vector)
    }
    // The first stretches are not whole.
    const whole = logs.subarray(Math.min(this.#options.span, count >> 1) * width)
    for (let i = 0; i < width; i++) {
      const sorted = whole.filter((_, at) => at % width === i).sort()
      this.#centers[i] = sorted[sorted.length >> 1] ?? 0
    }
    this.#scales.fit(whole.map((log, at) => log - this.#centers[at % width]!))
    this.#context.copy(this.#learned)
    this.#fitted = count
  }

  learn(vector: Float64Array): void {
    this.#fitted++
    this.#standardiser.applyKnown(vector, this.#vector)
    this.#learned.logs(this.#vector, this.#deviation)
    this.#learned.add(this.#vector)
    for (let i = 0; i < this.#deviation.length; i++) {
      // Nothing can be said of a feature that is missing.
      const known = 2 * this.#learned.known(i) >= this.#options.span
      this.#deviation[i] = known ? this.#deviation[i]! - this.#centers[i]! : 0
      const limit = CLIP * this.#scales.of(i)
      this.#centers[i]! += this.#weight * Math.max(-limit, Math.min(limit, this.#deviation[i]!))
    }
    this.#scales.add(this.#deviation)
  }

  observe(vector: Float64Array): void {
    this.#standardiser.applyKnown(vector, this.#vector)
    this.#context.add(this.#vector)
  }

  score(vector: Float64Array): number {
    return this.ready ? residualScore(this.#deviations(vector), this.#counted) : 0
  }

  /** What is expected is the value before, within the usual step. */
  explain(vector: Float64Array): Explanation {
    const z = this.ready ? this.#deviations(vector) : this.#deviation.fill(0)
    const before = this.#vector.map((value, i) => this.#context.before(i, value))
    const steps = this.#centers.map((center) => Math.exp(center))
    return explainResiduals(z, this.#counted, before, steps, this.#standardiser)
  }

  save(): Uint8Array {
    const layers = new Map<string, Layer>([
      optionsLayer(this.#options),
      ['fitted', { data: Float64Array.of(this.#fitted) }],
      ['centers', { data: this.#centers }],
      ['squares', { data: this.#scales.squares }],
      ...this.#context.layers('context'),
      ...this.#learned.layers('learned'),
      ...this.#standardiser.layers(),
    ])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    sameOptions(layers, this.#options)
    const count = this.features.length
    const fitted = layers.float64('fitted', 1)[0]!
    const centers = layers.float64('centers', count)
    const squares = layers.float64('squares', count)
    const parts = [this.#context.read('context', layers), this.#learned.read('learned', layers)]
    this.#standardiser.restoreFrom(layers)
    for (const take of parts) take()
    this.#centers.set(centers)
    this.#scales.squares.set(squares)
    this.#fitted = fitted
  }

  /** Median step of each feature, standardised. */
  #usualSteps(history: History): Float64Array {
    const { width, count } = history
    const rows = new Float64Array(count * width)
    for (let row = 0; row < count; row++) {
      this.#standardiser.applyKnown(history.row(row), this.#vector)
      rows.set(this.#vector, row * width)
    }
    return Float64Array.from({ length: width }, (_, i) => {
      const steps = rows.map((value, at) => (at < width ? Number.NaN : Math.abs(value - rows[at - width]!)))
      const known = steps.filter((step, at) => at % width === i && !Number.isNaN(step)).sort()
      return known[known.length >> 1] ?? 0
    })
  }

  #deviations(vector: Float64Array): Float64Array {
    this.#standardiser.applyKnown(vector, this.#vector)
    this.#context.logs(this.#vector, this.#deviation)
    for (let i = 0; i < this.#deviation.length; i++) {
      const known = 2 * this.#context.known(i) >= this.#options.span && !Number.isNaN(this.#vector[i]!)
      const z = (this.#deviation[i]! - this.#centers[i]!) / this.#scales.of(i)
      this.#deviation[i] = known ? (z > 0 ? Math.min(RESTLESS, z) : -z) : 0
    }
    return this.#deviation
  }
}
