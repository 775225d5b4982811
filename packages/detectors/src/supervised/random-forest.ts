import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import { optionsLayer, sameOptions } from '../codec/options.ts'
import type { Attribution } from '../explain/attribution.ts'
import { treeShap } from '../explain/tree-shap.ts'
import { meanValue, type Trees } from '../explain/trees.ts'
import { type Feature, namesOf } from '../feature.ts'
import { History } from '../history.ts'
import { Standardiser } from '../standardiser/standardiser.ts'
import { seeded } from '../statistics/sampling.ts'
import { type GrowOptions, growTree, noTrees } from './cart.ts'
import { type Classifier, type ClassWeights, MINIMUM, weightsOf } from './classifier.ts'
import type { Labelled } from './labelled-set.ts'

export interface RandomForestOptions {
  readonly features: readonly Feature[]
  /** Default 100. */
  readonly trees?: number
  /** Default 8: a tree has at most 2^9 − 1 nodes. */
  readonly maxDepth?: number
  /** Vectors that a leaf has at least. Default 2. */
  readonly minLeaf?: number
  /** Default balanced. */
  readonly classWeights?: ClassWeights
  readonly seed: number
}

const KIND = 'random_forest'
const VERSION = 2

/**
 * Random forest: classification trees, each on a bootstrap sample, with √features tried at each split; the probability is the mean of
 * their leaves' shares. Sees limits and combinations of features, needs no scaling. Fails outside what was labelled: there it says what
 * the nearest leaf says; and a probability from few vectors is coarse.
 *
 * Cost: `fit` O(trees · vectors · log vectors · √features · depth), `probability` O(trees · depth) without garbage. Model: 36 bytes a
 * node, at most trees · min(2^(maxDepth + 1), 2 · vectors) of them.
 *
 * Source: L. Breiman: Random forests (Machine Learning 2001).
 */
export class RandomForest implements Classifier {
  readonly name = KIND
  readonly features: readonly string[]
  readonly #options: Required<RandomForestOptions>
  readonly #standardiser: Standardiser
  readonly #vector: Float64Array
  #trees: ForestTrees = pack(noTrees())

  constructor({
    features,
    trees = 100,
    maxDepth = 8,
    minLeaf = 2,
    classWeights = 'balanced',
    seed,
  }: RandomForestOptions) {
    this.#options = { features, trees, maxDepth, minLeaf, classWeights, seed }
    this.features = namesOf(features)
    this.#standardiser = new Standardiser(features)
    this.#vector = new Float64Array(features.length)
  }

  get ready(): boolean {
    return this.#trees.roots.length > 0
  }

  fit(labelled: Labelled): void {
    const { anomalous, normal } = labelled
    this.#trees = pack(noTrees())
    if (Math.min(anomalous.length, normal.length) < MINIMUM) return
    const vectors = [...normal, ...anomalous]
    const history = History.of(vectors, new Float64Array(vectors.length))
    this.#standardiser.fit(history)
    const weights = weightsOf(this.#options.classWeights, labelled)
    const sample = {
      width: history.width,
      rows: this.#standardiser.applyAll(history),
      labels: Uint8Array.from(vectors, (_, i) => (i < normal.length ? 0 : 1)),
      weights: Float64Array.from(vectors, (_, i) => (i < normal.length ? weights.normal : weights.anomalous)),
    }
    this.#trees = pack(grown(sample, this.#options))
  }

  probability(vector: Float64Array): number {
    if (!this.ready) return 0.5
    this.#standardiser.apply(vector, this.#vector)
    return meanValue(this.#trees, this.#vector)
  }

  output(vector: Float64Array): number {
    return this.probability(vector)
  }

  explain(vector: Float64Array): Attribution {
    const width = this.features.length
    if (!this.ready) return { base: 0.5, values: new Float64Array(width), errors: new Float64Array(width) }
    this.#standardiser.apply(vector, this.#vector)
    return treeShap(this.#trees, this.#vector, width)
  }

  save(): Uint8Array {
    const { roots, feature, threshold, left, right, value, cover } = this.#trees
    const layers = new Map([
      optionsLayer(this.#options),
      ['roots', { data: roots }],
      ['feature', { data: feature }],
      ['threshold', { data: threshold }],
      ['left', { data: left }],
      ['right', { data: right }],
      ['value', { data: value }],
      ['cover', { data: cover }],
      ...this.#standardiser.layers(),
    ])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    sameOptions(layers, this.#options)
    const feature = layers.int32('feature')
    const nodes = feature.length
    const trees = {
      roots: layers.uint32('roots'),
      feature,
      threshold: layers.float64('threshold', nodes),
      left: layers.uint32('left', nodes),
      right: layers.uint32('right', nodes),
      value: layers.float64('value', nodes),
      cover: layers.float64('cover', nodes),
    }
    refuseLoops(trees, this.features.length)
    this.#standardiser.restoreFrom(layers)
    this.#trees = trees
  }
}

/** As trees are kept: 36 bytes a node. */
interface ForestTrees extends Trees {
  readonly roots: Uint32Array
  readonly feature: Int32Array
  readonly threshold: Float64Array
  readonly left: Uint32Array
  readonly right: Uint32Array
  readonly value: Float64Array
  readonly cover: Float64Array
}

function pack(trees: Trees): ForestTrees {
  return {
    roots: Uint32Array.from(trees.roots),
    feature: Int32Array.from(trees.feature),
    threshold: Float64Array.from(trees.threshold),
    left: Uint32Array.from(trees.left),
    right: Uint32Array.from(trees.right),
    value: Float64Array.from(trees.value),
    cover: Float64Array.from(trees.cover),
  }
}

function grown(sample: Parameters<typeof growTree>[0], options: Required<RandomForestOptions>): Trees {
  const rng = seeded(options.seed)
  const count = sample.labels.length
  const trees = noTrees()
  const how: GrowOptions = {
    maxDepth: options.maxDepth,
    minLeaf: options.minLeaf,
    tried: Math.max(1, Math.floor(Math.sqrt(sample.width))),
  }
  for (let t = 0; t < options.trees; t++)
    growTree(
      sample,
      Uint32Array.from({ length: count }, () => Math.floor(rng() * count)),
      how,
      rng,
      trees,
    )
  return trees
}

/** A sound file may still hold trees that are none: every child must come after its parent, so that each way ends in a leaf. */
function refuseLoops({ roots, feature, left, right }: ForestTrees, width: number): void {
  const nodes = feature.length
  const sound = (at: number, node: number) =>
    at < 0 ||
    (at < width && left[node]! > node && right[node]! > node && left[node]! < nodes && right[node]! < nodes)
  if (!feature.every(sound) || !roots.every((root) => root < nodes))
    throw new ModelError('foreign', 'layers feature, left and right are no trees')
}
