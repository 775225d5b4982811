import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import { optionsLayer, sameOptions } from '../codec/options.ts'
import type { Detector, Explanation } from '../detector.ts'
import { partsOf } from '../explain/attribution.ts'
import { treeShap } from '../explain/tree-shap.ts'
import type { Trees } from '../explain/trees.ts'
import { type Feature, namesOf } from '../feature.ts'
import type { History } from '../history.ts'
import { explainShares, usualOf } from '../residual/shares.ts'
import { Standardiser } from '../standardiser/standardiser.ts'
import { seeded } from '../statistics/sampling.ts'
import { halfSpaces } from './half-spaces.ts'

export interface HalfSpaceTreesOptions {
  readonly features: readonly Feature[]
  readonly seed: number
  readonly trees?: number
  readonly height?: number
  /** Learned vectors after which the counts of the latest ones take the place of those before. */
  readonly window?: number
}

const KIND = 'half-space-trees'
const VERSION = 2
const TREES = 25
const HEIGHT = 8
const WINDOW = 250
/** A node that so small a share of the window came to is not looked into any deeper. */
const SMALL = 0.1
/** Standard deviations on either side of the centre that become the range [0, 1]. */
const RANGE = 3

/**
 * How many of the latest vectors lie where this one lies: random trees cut the space in halves once and for all, and count.
 * Learned online, in constant time; follows a drift within two windows.
 *
 * The mass of a vector is the mean over the trees of count × 2^depth, where its way down ends at a node with few vectors, or at
 * the bottom. Raw score: log2(greatest mass possible / mass), so at least 0. The range [0, 1] of a dimension is three standard
 * deviations on either side, the cuts reach up to as far again beyond it. Not monotone: the cuts are random, and cells beyond
 * all counted vectors are alike. Fails with many features, few of which are cut on each way down, and after a drift of more than
 * about ten standard deviations, until the next fit: there are no cuts out there. The explanation is each feature's part
 * (TreeSHAP, exact) in the mass that is missing against the average. Cost O(trees × height); state 2·trees·2^(height + 1) counts
 * of 4 bytes.
 *
 * Source: S. C. Tan, K. M. Ting, T. F. Liu: Fast anomaly detection for streaming data (IJCAI 2011).
 */
export class HalfSpaceTreesDetector implements Detector {
  readonly name = KIND
  readonly features: readonly string[]
  readonly #options: Required<HalfSpaceTreesOptions>
  readonly #standardiser: Standardiser
  readonly #vector: Float64Array
  /** Nodes of one tree. */
  readonly #nodes: number
  readonly #feature: Int32Array
  readonly #threshold: Float32Array
  /** Vectors of the window before that came through each node. */
  #reference: Uint32Array
  /** The same of the window that is under way. */
  #latest: Uint32Array
  #learned = 0

  constructor(options: HalfSpaceTreesOptions) {
    const width = options.features.length
    this.#options = { trees: TREES, height: HEIGHT, window: WINDOW, ...options }
    this.features = namesOf(options.features)
    this.#standardiser = new Standardiser(options.features)
    this.#vector = new Float64Array(width)
    const { trees, height, seed } = this.#options
    const { nodes, feature, threshold } = halfSpaces(trees, height, width, seeded(seed))
    this.#nodes = nodes
    this.#feature = feature
    this.#threshold = threshold
    this.#reference = new Uint32Array(feature.length)
    this.#latest = new Uint32Array(feature.length)
  }

  get ready(): boolean {
    return this.#learned >= this.#options.window
  }

  /** As they are now, over vectors in units of the range; a leaf's value is the mass there. */
  get trees(): Trees {
    const count = this.#feature.length
    const feature = this.#feature.slice()
    const left = new Uint32Array(count)
    const right = new Uint32Array(count)
    const value = new Float64Array(count)
    const roots = Uint32Array.from({ length: this.#options.trees }, (_, t) => t * this.#nodes)
    for (const root of roots)
      for (let node = 0; node < this.#nodes; node++) {
        const at = root + node
        if (this.#reference[at]! <= this.#small) feature[at] = -1
        left[at] = root + 2 * node + 1
        right[at] = root + 2 * node + 2
        value[at] = this.#reference[at]! * 2 ** Math.floor(Math.log2(node + 1))
      }
    return { roots, feature, threshold: this.#threshold, left, right, value, cover: this.#reference }
  }

  fit(history: History): void {
    this.#standardiser.fit(history)
    this.#reference.fill(0)
    this.#latest.fill(0)
    this.#learned = 0
    for (let i = 0; i < history.count; i++) this.learn(history.row(i))
  }

  learn(vector: Float64Array): void {
    this.#place(vector)
    const { trees, window } = this.#options
    for (let t = 0; t < trees; t++) {
      const root = t * this.#nodes
      let node = 0
      for (let feature = this.#feature[root]!; feature >= 0; feature = this.#feature[root + node]!) {
        this.#latest[root + node]!++
        node = this.#next(root, node, feature)
      }
      this.#latest[root + node]!++
    }
    if (++this.#learned % window !== 0) return
    const before = this.#reference
    this.#reference = this.#latest
    this.#latest = before.fill(0)
  }

  observe(): void {}

  score(vector: Float64Array): number {
    if (!this.ready) return 0
    this.#place(vector)
    const { trees, height, window } = this.#options
    const small = this.#small
    let sum = 0
    for (let t = 0; t < trees; t++) {
      const root = t * this.#nodes
      let node = 0
      let volume = 1
      for (let feature = this.#feature[root]!; feature >= 0; feature = this.#feature[root + node]!) {
        if (this.#reference[root + node]! <= small) break
        node = this.#next(root, node, feature)
        volume *= 2
      }
      sum += this.#reference[root + node]! * volume
    }
    return Math.log2((window * 2 ** height + 1) / (sum / trees + 1))
  }

  explain(vector: Float64Array): Explanation {
    const raw = this.score(vector)
    const width = this.features.length
    if (!(raw > 0)) return explainShares(raw, new Float64Array(width), usualOf(width), this.#standardiser)
    const { values } = treeShap(this.trees, this.#vector, width)
    const shares = partsOf(values.map((mass) => -mass))
    return explainShares(raw, shares, usualOf(width), this.#standardiser)
  }

  save(): Uint8Array {
    const shape = [this.#options.trees, this.#nodes]
    const layers = new Map([
      optionsLayer(this.#options),
      ['learned', { data: Float64Array.of(this.#learned) }],
      ['reference', { data: this.#reference, shape }],
      ['latest', { data: this.#latest, shape }],
      ...this.#standardiser.layers(),
    ])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    sameOptions(layers, this.#options)
    const learned = layers.float64('learned', 1)[0]!
    const reference = layers.uint32('reference', this.#reference.length)
    const latest = layers.uint32('latest', this.#latest.length)
    this.#standardiser.restoreFrom(layers)
    this.#learned = learned
    this.#reference = reference
    this.#latest = latest
  }

  get #small(): number {
    return SMALL * this.#options.window
  }

  #next(root: number, node: number, feature: number): number {
    return 2 * node + (this.#vector[feature]! <= this.#threshold[root + node]! ? 1 : 2)
  }

  /** Standardised, in units of the range. */
  #place(vector: Float64Array): void {
    this.#standardiser.apply(vector, this.#vector)
    for (let i = 0; i < this.#vector.length; i++) this.#vector[i] = (this.#vector[i]! + RANGE) / (2 * RANGE)
  }
}
