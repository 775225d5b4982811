import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import { optionsLayer, sameOptions } from '../codec/options.ts'
import type { Detector, Explanation } from '../detector.ts'
import { type Feature, namesOf } from '../feature.ts'
import type { History } from '../history.ts'
import { explainShares, usualOf } from '../residual/shares.ts'
import { drawnIn } from '../standardiser/draw-in.ts'
import { Standardiser } from '../standardiser/standardiser.ts'
import { dynamicEdges, SPARE, staticEdges } from './histogram.ts'

export interface HbosOptions {
  readonly features: readonly Feature[]
  /** Bins of each histogram; dynamic ones may be eight more. */
  readonly bins: number
  /** `dynamic`: about the same number of values in each bin, fewer in those towards either end; `static`: the same width. */
  readonly edges: 'dynamic' | 'static'
  /** Learned vectors after which what was learned weighs half. */
  readonly halfLife: number
}

const KIND = 'hbos'
const VERSION = 3
const MINIMUM = 30
/** Values that every bin is taken to hold from the beginning (Krichevsky, Trofimov): nothing is impossible. */
const PRIOR = 0.5

/**
 * Histogram-based outlier score: how improbable each feature's value is by itself, added up.
 *
 * A feature's share is log(highest density / density here). Outside the histogram the density goes on as a tail that falls with
 * the square of the distance, so that what is farther off has the larger score. Additive: the explanation is exact. Fails when
 * features are only odd together; many features dilute what one of them says. A missing value has no share, nor has one on the
 * harmless side. The bins' counts forget and follow what is learned, the edges stay. Cost O(features × log bins) to score,
 * O(features × bins) to learn; state 16·(bins + 8) bytes a feature.
 *
 * Source: M. Goldstein, A. Dengel: Histogram-based outlier score (HBOS), KI 2012.
 */
export class HbosDetector implements Detector {
  readonly name = KIND
  readonly features: readonly string[]
  readonly #options: HbosOptions
  readonly #standardiser: Standardiser
  readonly #fade: number
  readonly #vector: Float64Array
  readonly #shares: Float64Array
  /** Most bins of a histogram. */
  readonly #room: number
  /** Per feature `room` + 1, of which `used` + 1 count. */
  #edges: Float64Array
  /** Per feature `room` + 2: below the first edge, the bins, above the last edge. */
  #counts: Float64Array
  #used: Uint32Array
  readonly #totals: Float64Array
  readonly #peaks: Float64Array
  #learned = 0

  constructor(options: HbosOptions) {
    const width = options.features.length
    this.#options = options
    this.features = namesOf(options.features)
    this.#standardiser = new Standardiser(options.features)
    this.#fade = 2 ** (-1 / options.halfLife)
    this.#vector = new Float64Array(width)
    this.#shares = new Float64Array(width)
    this.#room = options.edges === 'dynamic' ? options.bins + SPARE : options.bins
    this.#edges = new Float64Array(width * (this.#room + 1))
    this.#counts = new Float64Array(width * (this.#room + 2))
    this.#used = new Uint32Array(width)
    this.#totals = new Float64Array(width)
    this.#peaks = new Float64Array(width)
  }

  get ready(): boolean {
    return this.#learned >= MINIMUM
  }

  fit(history: History): void {
    const { bins, edges } = this.#options
    this.#standardiser.fit(history)
    this.#edges.fill(0)
    this.#counts.fill(0)
    this.#learned = history.count
    const rows = this.#standardiser.applyAll(history)
    const width = this.features.length
    for (let i = 0; i < width; i++) {
      const values: number[] = []
      for (let at = i; at < rows.length; at += width)
        if (!Number.isNaN(history.values[at]!)) values.push(drawnIn(rows[at]!))
      const sorted = Float64Array.from(values).sort()
      const made =
        sorted.length === 0
          ? []
          : edges === 'dynamic'
            ? dynamicEdges(sorted, bins)
            : staticEdges(sorted, bins)
      this.#edges.set(made, i * (this.#room + 1))
      this.#used[i] = Math.max(0, made.length - 1)
      for (const value of sorted) this.#counts[i * (this.#room + 2) + this.#bin(i, value)]!++
      this.#renew(i)
    }
  }

  observe(): void {}

  learn(vector: Float64Array): void {
    const size = this.#room + 2
    this.#standardiser.apply(vector, this.#vector)
    this.#learned++
    for (let i = 0; i < vector.length; i++) {
      if (Number.isNaN(vector[i]!) || this.#used[i] === 0) continue
      for (let at = i * size; at < (i + 1) * size; at++) this.#counts[at]! *= this.#fade
      this.#counts[i * size + this.#bin(i, this.#vector[i]!)]!++
      this.#renew(i)
    }
  }

  score(vector: Float64Array): number {
    if (!this.ready) return 0
    this.#judge(vector)
    let sum = 0
    for (let i = 0; i < this.#shares.length; i++) sum += this.#shares[i]!
    return sum
  }

  explain(vector: Float64Array): Explanation {
    const raw = this.score(vector)
    if (!this.ready) this.#shares.fill(0)
    return explainShares(raw, this.#shares, usualOf(this.features.length), this.#standardiser)
  }

  save(): Uint8Array {
    const width = this.features.length
    const layers = new Map([
      optionsLayer(this.#options),
      ['learned', { data: Float64Array.of(this.#learned) }],
      ['edges', { data: this.#edges, shape: [width, this.#room + 1] }],
      ['counts', { data: this.#counts, shape: [width, this.#room + 2] }],
      ['used', { data: this.#used }],
      ...this.#standardiser.layers(),
    ])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    sameOptions(layers, this.#options)
    const edges = layers.float64('edges', this.#edges.length)
    const counts = layers.float64('counts', this.#counts.length)
    const used = layers.uint32('used', this.#used.length)
    if (used.some((count) => count > this.#room))
      throw new ModelError('corrupt', `histogram of more than ${this.#room} bins`)
    const learned = layers.float64('learned', 1)[0]!
    this.#standardiser.restoreFrom(layers)
    this.#edges = edges
    this.#counts = counts
    this.#used = used
    this.#learned = learned
    for (let i = 0; i < used.length; i++) this.#renew(i)
  }

  /** 0 below the first edge, `used` + 1 above the last one. */
  #bin(i: number, z: number): number {
    const from = i * (this.#room + 1)
    const used = this.#used[i]!
    if (z < this.#edges[from]!) return 0
    if (z > this.#edges[from + used]!) return used + 1
    let low = 0
    let high = used
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (this.#edges[from + middle]! <= z) low = middle
      else high = middle
    }
    return low + 1
  }

  #density(i: number, bin: number, z: number): number {
    const from = i * (this.#room + 1)
    const used = this.#used[i]!
    const mass = (this.#counts[i * (this.#room + 2) + bin]! + PRIOR) / this.#totals[i]!
    if (bin === 0) return mass / (1 + this.#edges[from]! - z) ** 2
    if (bin > used) return mass / (1 + z - this.#edges[from + used]!) ** 2
    return mass / (this.#edges[from + bin]! - this.#edges[from + bin - 1]!)
  }

  #renew(i: number): void {
    const size = this.#room + 2
    const used = this.#used[i]!
    let total = PRIOR * (used + 2)
    for (let at = i * size; at < i * size + used + 2; at++) total += this.#counts[at]!
    this.#totals[i] = total
    let peak = 0
    for (let bin = 1; bin <= used; bin++) peak = Math.max(peak, this.#density(i, bin, 0))
    this.#peaks[i] = peak
  }

  #judge(vector: Float64Array): void {
    this.#standardiser.apply(vector, this.#vector)
    for (let i = 0; i < vector.length; i++) {
      const z = this.#vector[i]!
      const counts = this.#used[i]! > 0 && !Number.isNaN(vector[i]!) && !this.#standardiser.harmless(i, z)
      this.#shares[i] = counts
        ? Math.max(0, Math.log(this.#peaks[i]! / this.#density(i, this.#bin(i, z), z)))
        : 0
    }
  }
}
