import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import { optionsLayer, sameOptions } from '../codec/options.ts'
import type { Detector, Explanation } from '../detector.ts'
import { type Feature, namesOf } from '../feature.ts'
import type { History } from '../history.ts'
import { BAND, explainShares, usualOf } from '../residual/shares.ts'
import { drawnIn } from '../standardiser/draw-in.ts'
import { Standardiser } from '../standardiser/standardiser.ts'
import { seeded } from '../statistics/sampling.ts'
import { cluster, squaredDistance } from './lloyd.ts'

export interface KMeansOptions {
  readonly features: readonly Feature[]
  readonly clusters: number
  readonly seed: number
}

const KIND = 'k-means'
const VERSION = 2
const MINIMUM = 30
/** A cluster of a smaller share of the history is no normal state but what was odd in it. */
const SMALLEST_SHARE = 0.01
/** Smallest scale of a cluster, in standard deviations of a feature. */
const FLOOR = 0.1

/**
 * Distance from the nearest of several normal states (day and night, idle and busy, batch running), in that state's own scale.
 *
 * Raw score: Euclidean distance to the centre over the root mean square distance of the cluster's members; its square is a sum
 * over features, of which the explanation gives each one's share. Not monotone: a vector may move from one state towards
 * another. Fails when normal operation is a continuum or long-stretched, and when a state was never seen. Not learned from after
 * `fit`. Cost O(clusters × features); state 8·clusters·(features + 1) bytes.
 *
 * Source: S. Lloyd: Least squares quantization in PCM (1982), with the seeds of k-means++ (2007).
 */
export class KMeansDetector implements Detector {
  readonly name = KIND
  readonly features: readonly string[]
  readonly #options: KMeansOptions
  readonly #standardiser: Standardiser
  readonly #vector: Float64Array
  #centers: Float64Array
  /** 0 for a cluster that does not count. */
  #scales: Float64Array
  #fitted = 0
  #nearest = 0

  constructor(options: KMeansOptions) {
    const width = options.features.length
    this.#options = options
    this.features = namesOf(options.features)
    this.#standardiser = new Standardiser(options.features)
    this.#vector = new Float64Array(width)
    this.#centers = new Float64Array(options.clusters * width)
    this.#scales = new Float64Array(options.clusters)
  }

  get ready(): boolean {
    return this.#fitted >= MINIMUM
  }

  fit(history: History): void {
    const { width, count } = history
    const { clusters, seed } = this.#options
    this.#standardiser.fit(history)
    this.#fitted = count
    this.#centers.fill(0)
    this.#scales.fill(0)
    if (count === 0) return
    const rows = this.#standardiser.applyAll(history).map(drawnIn)
    const { centers, members } = cluster(rows, width, clusters, seeded(seed))
    const squares = new Float64Array(clusters)
    const sizes = new Uint32Array(clusters)
    for (const [row, own] of members.entries()) {
      squares[own]! += squaredDistance(rows, row * width, centers, own * width, width)
      sizes[own]!++
    }
    // With more than a hundred clusters none might be large enough.
    const smallest = Math.min(SMALLEST_SHARE * count, Math.max(...sizes))
    this.#centers = centers
    this.#scales = squares.map((square, c) =>
      sizes[c]! >= Math.max(1, smallest)
        ? Math.max(FLOOR * Math.sqrt(width), Math.sqrt(square / sizes[c]!))
        : 0,
    )
  }

  learn(): void {}

  observe(): void {}

  score(vector: Float64Array): number {
    if (!this.ready) return 0
    const width = this.#vector.length
    this.#standardiser.apply(vector, this.#vector)
    let smallest = Number.POSITIVE_INFINITY
    for (let c = 0; c < this.#scales.length; c++) {
      const scale = this.#scales[c]!
      if (scale === 0) continue
      const square = squaredDistance(this.#vector, 0, this.#centers, c * width, width) / (scale * scale)
      if (square >= smallest) continue
      smallest = square
      this.#nearest = c
    }
    return Math.sqrt(smallest)
  }

  explain(vector: Float64Array): Explanation {
    const raw = this.score(vector)
    const width = this.#vector.length
    if (!this.ready) return explainShares(raw, new Float64Array(width), usualOf(width), this.#standardiser)
    const expected = this.#centers.subarray(this.#nearest * width, (this.#nearest + 1) * width)
    const band = (BAND * this.#scales[this.#nearest]!) / Math.sqrt(width)
    const usual = { expected, low: expected.map((z) => z - band), high: expected.map((z) => z + band) }
    const shares = this.#vector.map((z, i) => (z - expected[i]!) ** 2)
    return explainShares(raw, shares, usual, this.#standardiser)
  }

  save(): Uint8Array {
    const { clusters } = this.#options
    const layers = new Map([
      optionsLayer(this.#options),
      ['fitted', { data: Float64Array.of(this.#fitted) }],
      ['centers', { data: this.#centers, shape: [clusters, this.features.length] }],
      ['scales', { data: this.#scales }],
      ...this.#standardiser.layers(),
    ])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    sameOptions(layers, this.#options)
    const fitted = layers.float64('fitted', 1)[0]!
    const centers = layers.float64('centers', this.#centers.length)
    const scales = layers.float64('scales', this.#scales.length)
    this.#standardiser.restoreFrom(layers)
    this.#fitted = fitted
    this.#centers = centers
    this.#scales = scales
  }
}
