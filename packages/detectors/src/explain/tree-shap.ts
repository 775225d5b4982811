import type { Attribution } from './attribution.ts'
import type { Trees } from './trees.ts'

/**
 * Exact Shapley values of the mean of trees (`meanValue`), path-dependent: where a feature is unknown, a vector goes both ways of its splits,
 * each with the share of training vectors that went there.
 *
 * @param vector as the trees were grown on, @param width number of features
 * @returns in the unit of the leaves' values; errors are 0. Additive but for rounding
 *
 * Cost: O(trees × leaves × depth²); recursion as deep as the trees. Fails to be causal: features that go together share what is
 * due to one of them.
 *
 * Source: S. M. Lundberg et al.: From local explanations to global understanding with explainable AI for trees (2020), algorithm 2.
 */
export function treeShap(trees: Trees, vector: Float64Array, width: number): Attribution {
  const values = new Float64Array(width)
  let base = 0
  const count = trees.roots.length
  for (let t = 0; t < count; t++) {
    const root = trees.roots[t]!
    const paths = new Paths(Math.min(depthOf(trees, root), width) + 2)
    walk({ trees, vector, values, paths, share: 1 / count }, root, 0, { zero: 1, one: 1, feature: -1 })
    base += expected(trees, root) / count
  }
  return { base, values, errors: new Float64Array(width) }
}

interface Walk {
  readonly trees: Trees
  readonly vector: Float64Array
  readonly values: Float64Array
  readonly paths: Paths
  readonly share: number
}

/** One split on the way to a node: the share of vectors that go that way when its feature is unknown and when it is known. */
interface Split {
  readonly zero: number
  readonly one: number
  readonly feature: number
}

function walk(to: Walk, node: number, level: number, split: Split, length = 0): void {
  const { trees, vector, values, paths, share } = to
  const path = paths.at(level)
  if (level > 0) path.copy(paths.at(level - 1), length)
  path.extend(length, split)
  const feature = trees.feature[node]!
  if (feature < 0) {
    for (let i = 1; i <= length; i++)
      values[path.feature[i]!]! +=
        share * path.unwoundSum(length, i) * (path.one[i]! - path.zero[i]!) * trees.value[node]!
    return
  }
  let zero = 1
  let one = 1
  let last = length
  const seen = path.find(feature, length)
  if (seen > 0) {
    zero = path.zero[seen]!
    one = path.one[seen]!
    path.unwind(length, seen)
    last--
  }
  const left = trees.left[node]!
  const right = trees.right[node]!
  const [hot, cold] = vector[feature]! <= trees.threshold[node]! ? [left, right] : [right, left]
  const whole = trees.cover[node]!
  for (const [child, known] of [
    [hot, one],
    [cold, 0],
  ] as const) {
    const unknown = whole > 0 ? (zero * trees.cover[child]!) / whole : 0
    // Nothing ever comes there, known or not.
    if (unknown > 0 || known > 0) walk(to, child, level + 1, { zero: unknown, one: known, feature }, last + 1)
  }
}

/** The splits on the way to a node, one per feature, with the weights of all subsets of them by size. */
class Path {
  readonly feature: Int32Array
  readonly zero: Float64Array
  readonly one: Float64Array
  readonly weight: Float64Array

  constructor(capacity: number) {
    this.feature = new Int32Array(capacity)
    this.zero = new Float64Array(capacity)
    this.one = new Float64Array(capacity)
    this.weight = new Float64Array(capacity)
  }

  copy(from: Path, length: number): void {
    for (let i = 0; i < length; i++) {
      this.feature[i] = from.feature[i]!
      this.zero[i] = from.zero[i]!
      this.one[i] = from.one[i]!
      this.weight[i] = from.weight[i]!
    }
  }

  /** Adds a split to the `length` that are there. */
  extend(length: number, { feature, zero, one }: Split): void {
    const { weight } = this
    this.feature[length] = feature
    this.zero[length] = zero
    this.one[length] = one
    weight[length] = length === 0 ? 1 : 0
    for (let i = length - 1; i >= 0; i--) {
      weight[i + 1]! += (one * weight[i]! * (i + 1)) / (length + 1)
      weight[i] = (zero * weight[i]! * (length - i)) / (length + 1)
    }
  }

  /** Takes split `index` out again; `last` is the index of the last one. */
  unwind(last: number, index: number): void {
    const { weight } = this
    const one = this.one[index]!
    const zero = this.zero[index]!
    let next = weight[last]!
    for (let i = last - 1; i >= 0; i--) {
      if (one !== 0) {
        const before = weight[i]!
        weight[i] = (next * (last + 1)) / ((i + 1) * one)
        next = before - (weight[i]! * zero * (last - i)) / (last + 1)
      } else weight[i] = (weight[i]! * (last + 1)) / (zero * (last - i))
    }
    for (let i = index; i < last; i++) {
      this.feature[i] = this.feature[i + 1]!
      this.zero[i] = this.zero[i + 1]!
      this.one[i] = this.one[i + 1]!
    }
  }

  /** Sum of the weights as they were without split `index`. */
  unwoundSum(last: number, index: number): number {
    const { weight } = this
    const one = this.one[index]!
    const zero = this.zero[index]!
    let next = weight[last]!
    let sum = 0
    for (let i = last - 1; i >= 0; i--) {
      if (one !== 0) {
        const own = (next * (last + 1)) / ((i + 1) * one)
        sum += own
        next = weight[i]! - (own * zero * (last - i)) / (last + 1)
      } else sum += (weight[i]! * (last + 1)) / (zero * (last - i))
    }
    return sum
  }

  find(feature: number, last: number): number {
    for (let i = 1; i <= last; i++) if (this.feature[i] === feature) return i
    return 0
  }
}

/** One path for each level of the recursion, made when it is first needed. */
class Paths {
  readonly #capacity: number
  readonly #levels: Path[] = []

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  at(level: number): Path {
    const known = this.#levels[level]
    if (known !== undefined) return known
    const made = new Path(this.#capacity)
    this.#levels[level] = made
    return made
  }
}

function depthOf(trees: Trees, node: number): number {
  if (trees.feature[node]! < 0) return 0
  return 1 + Math.max(depthOf(trees, trees.left[node]!), depthOf(trees, trees.right[node]!))
}

/** Mean of the leaves, weighted by what came to them. */
function expected(trees: Trees, node: number): number {
  if (trees.feature[node]! < 0) return trees.value[node]!
  const left = trees.left[node]!
  const right = trees.right[node]!
  const whole = trees.cover[node]!
  if (!(whole > 0)) return 0
  return (
    (trees.cover[left]! / whole) * expected(trees, left) +
    (trees.cover[right]! / whole) * expected(trees, right)
  )
}
