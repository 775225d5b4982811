import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import { optionsLayer, sameOptions } from '../codec/options.ts'
import type { Detector, Explanation } from '../detector.ts'
import { type Feature, namesOf } from '../feature.ts'
import type { History } from '../history.ts'
import { type InputOptions, Inputs } from '../residual/inputs.ts'
import { countedOf, explainResiduals, residualScore } from '../residual/residual.ts'
import { drawnIn } from '../standardiser/draw-in.ts'
import { Standardiser } from '../standardiser/standardiser.ts'
import { Room } from '../statistics/room.ts'
import { Scales } from '../statistics/scales.ts'
import { Scratch } from '../statistics/scratch.ts'
import { TrackedSubspace } from './tracked-subspace.ts'

export interface DynamicPcaOptions extends InputOptions {
  readonly features: readonly Feature[]
  /** Vectors that make one course, the newest one included. */
  readonly window: number
  /** Share of the variance that the components hold, unless `components` is reached before. */
  readonly variance: number
  /** Components at the most. */
  readonly components: number
  /** Learned vectors after which what was learned weighs half. */
  readonly halfLife: number
}

const KIND = 'dynamic-pca'
const VERSION = 2
const MINIMUM = 30
/** Scales of residuals: at least so many standard deviations of the feature itself; and heavy tails are normal here. */
const BOUNDS = { clip: 50, floor: 0.1 }
const vectors = new Scratch()
const judgedInputs = new Scratch()
const judgedResiduals = new Scratch()

/**
 * Deviation of the newest value of each feature from what the principal components make of the last few vectors: sees what goes
 * neither with the other features nor with how things went just before.
 *
 * The latest `window` vectors, side by side, are one course of window × features values; its components come from all such
 * courses of the history and are tracked as further vectors are learned. Raw score: mean of the largest absolute residuals of
 * the newest vector (one feature in six), each in its own scale. Sees nothing that happens along the components; fails when
 * features neither go together nor have any rhythm, where it is no more than a z-score. Cost O(components × window × features) a
 * vector, to fit O(windows × (window × features)²); state 4·window·features·(components + 3) bytes.
 *
 * Source: W. Ku, R. Storer, C. Georgakis: Disturbance detection and isolation by dynamic principal component analysis (1995),
 * with residuals feature by feature in place of their sum of squares; tracked after J. Weng et al. (tracked-subspace.ts).
 */
export class DynamicPcaDetector implements Detector {
  readonly name = KIND
  readonly features: readonly string[]
  readonly #options: DynamicPcaOptions
  readonly #standardiser: Standardiser
  readonly #inputs: Inputs
  readonly #subspace: TrackedSubspace
  readonly #scales: Scales
  readonly #counted: number
  /** Learned inputs, the latest one last; then those before the one that is judged, likewise. */
  readonly #courses: Float32Array
  readonly #learned: number
  readonly #context: number
  readonly #vector: Float64Array
  readonly #input: Float64Array
  readonly #residual: Float64Array

  /** @param standardiser of the same features, of others that learn the same vectors */
  constructor(
    options: DynamicPcaOptions,
    room = new Room(),
    standardiser = new Standardiser(options.features, room),
  ) {
    const width = options.features.length
    this.#options = options
    this.features = namesOf(options.features)
    this.#standardiser = standardiser
    this.#inputs = new Inputs(width, options, room)
    this.#subspace = new TrackedSubspace(width * options.window, options, room)
    this.#scales = new Scales(width, BOUNDS, options.halfLife, room)
    this.#counted = countedOf(width)
    const { numbers, from } = room.float32(width * (2 * options.window - 1))
    this.#courses = numbers
    this.#learned = from
    this.#context = from + width * options.window
    this.#vector = vectors.of(width)
    this.#input = judgedInputs.of(width)
    this.#residual = judgedResiduals.of(width)
  }

  get ready(): boolean {
    return this.#subspace.count >= MINIMUM
  }

  fit(history: History): void {
    const { width, count } = history
    const { window, variance } = this.#options
    this.#standardiser.fit(history)
    this.#inputs.begin()
    const inputs = new Float64Array(count * width)
    for (let i = 0; i < count; i++) {
      this.#standardiser.apply(history.row(i), this.#vector)
      this.#inputs.learned(this.#vector, inputs.subarray(i * width, (i + 1) * width))
    }
    this.#inputs.catchUp()
    this.#subspace.fit(inputs, width, variance)
    const residuals = new Float64Array(this.#subspace.count * width)
    for (let i = 0; i < this.#subspace.count; i++) {
      const newest = inputs.subarray((i + window - 1) * width, (i + window) * width)
      this.#subspace.residual(inputs, i * width, newest, residuals.subarray(i * width, (i + 1) * width))
    }
    this.#scales.fit(residuals)
    keepEnd(this.#learnedInputs, inputs)
    keepEnd(this.#contextInputs, inputs)
  }

  learn(vector: Float64Array): void {
    this.#standardiser.apply(vector, this.#vector)
    this.#inputs.learned(this.#vector, this.#input)
    const courses = this.#courses
    const width = this.#input.length
    courses.copyWithin(this.#learned, this.#learned + width, this.#context)
    courses.set(this.#input, this.#context - width)
    this.#subspace.residual(courses, this.#learned, this.#input, this.#residual)
    this.#scales.add(this.#residual)
    this.#subspace.learn(courses, this.#learned)
  }

  observe(vector: Float64Array): void {
    this.#take(vector)
    this.#inputs.observe(this.#vector)
    if (this.#options.window === 1) return
    const courses = this.#courses
    const width = this.#input.length
    const newest = this.#context + (this.#options.window - 2) * width
    courses.copyWithin(this.#context, this.#context + width, newest + width)
    for (let i = 0; i < width; i++) courses[newest + i] = drawnIn(this.#input[i]!)
  }

  score(vector: Float64Array): number {
    return this.ready ? residualScore(this.#deviations(vector), this.#counted) : 0
  }

  explain(vector: Float64Array): Explanation {
    const judged = this.#deviations(vector)
    const z = this.ready ? judged : judged.fill(0)
    const predicted = new Float64Array(z.length)
    this.#subspace.residual(this.#courses, this.#context, this.#input, predicted)
    for (let i = 0; i < z.length; i++) predicted[i] = this.#vector[i]! - predicted[i]!
    const scales = z.map((_, i) => this.#scales.of(i))
    return explainResiduals(z, this.#counted, predicted, scales, this.#standardiser)
  }

  save(): Uint8Array {
    const layers = new Map([
      optionsLayer(this.#options),
      ['squares', { data: this.#scales.squares }],
      ['context', { data: this.#contextInputs }],
      ['learned', { data: this.#learnedInputs }],
      ...this.#inputs.layers(),
      ...this.#subspace.layers(),
      ...this.#standardiser.layers(),
    ])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    sameOptions(layers, this.#options)
    const width = this.features.length
    const squares = layers.float64('squares', width)
    const context = layers.float32('context', this.#contextInputs.length)
    const learned = layers.float32('learned', this.#learnedInputs.length)
    const takeInputs = this.#inputs.read(layers)
    const takeSubspace = this.#subspace.read(layers)
    this.#standardiser.restoreFrom(layers)
    takeSubspace()
    this.#scales.squares.set(squares)
    this.#contextInputs.set(context)
    this.#learnedInputs.set(learned)
    takeInputs()
  }

  /** The learned inputs themselves, not a copy. */
  get #learnedInputs(): Float32Array {
    return this.#courses.subarray(this.#learned, this.#context)
  }

  /** Those before the one that is judged. */
  get #contextInputs(): Float32Array {
    const width = this.features.length
    return this.#courses.subarray(this.#context, this.#context + width * (this.#options.window - 1))
  }

  /** The input that the components are to judge, of a vector. */
  #take(vector: Float64Array): void {
    this.#standardiser.apply(vector, this.#vector)
    this.#inputs.judged(this.#vector, this.#input)
  }

  /** Absolute residuals in their scales; a residual in the harmless direction is none. Valid until the next call. */
  #deviations(vector: Float64Array): Float64Array {
    this.#take(vector)
    this.#subspace.residual(this.#courses, this.#context, this.#input, this.#residual)
    for (let i = 0; i < this.#residual.length; i++)
      this.#residual[i] = this.#standardiser.off(i, this.#residual[i]!) / this.#scales.of(i)
    return this.#residual
  }
}

/** Fills `out` with the end of `rows`; zeros, which are normal, come before it when there are too few. */
function keepEnd(out: Float32Array, rows: Float64Array): void {
  out.fill(0)
  const end = rows.subarray(Math.max(0, rows.length - out.length))
  out.set(end, out.length - end.length)
}
