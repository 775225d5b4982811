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
  const count = trees.roots.length
  const values = new Float64Array(width)
  const walk = new Walk(trees, vector, values)
  let base = 0
  for (let t = 0; t < count; t++) {
    walk.into(trees.roots[t]!, 0, 0, 1, 1, -1)
    base += expected(trees, trees.roots[t]!) / count
  }
  return { base, values: values.map((value) => value / count), errors: new Float64Array(width) }
}

/** One descent to all leaves of a tree; adds to the values. */
class Walk {
  readonly #trees: Trees
  readonly #vector: Float64Array
  readonly #values: Float64Array
  /** One for each level of the recursion, made when it is first needed. */
  readonly #paths: Path[] = []

  constructor(trees: Trees, vector: Float64Array, values: Float64Array) {
    this.#trees = trees
    this.#vector = vector
    this.#values = values
  }

  /**
   * @param length splits on the way so far, @param zero share of vectors that take the last split this way when its feature is
   * unknown, @param one the same when it is known
   */
  into(node: number, level: number, length: number, zero: number, one: number, by: number): void {
    const trees = this.#trees
    const path = this.#path(level)
    if (level > 0) path.copy(this.#path(level - 1), length)
    path.extend(length, zero, one, by)
    const feature = trees.feature[node]!
    if (feature < 0) {
      this.#leaf(path, length, trees.value[node]!)
      return
    }
    let zeroBefore = 1
    let oneBefore = 1
    let last = length
    const seen = path.find(feature, length)
    if (seen > 0) {
      zeroBefore = path.zero[seen]!
      oneBefore = path.one[seen]!
      path.unwind(length, seen)
      last--
    }
    const left = trees.left[node]!
    const right = trees.right[node]!
    const toLeft = this.#vector[feature]! <= trees.threshold[node]!
    const whole = trees.cover[node]!
    const unknown = whole > 0 ? zeroBefore / whole : 0
    const leftZero = unknown * trees.cover[left]!
    const rightZero = unknown * trees.cover[right]!
    const leftOne = toLeft ? oneBefore : 0
    const rightOne = toLeft ? 0 : oneBefore
    // Where nothing ever comes, known or not, there is nothing to add.
    if (leftZero > 0 || leftOne > 0) this.into(left, level + 1, last + 1, leftZero, leftOne, feature)
    if (rightZero > 0 || rightOne > 0) this.into(right, level + 1, last + 1, rightZero, rightOne, feature)
  }

  #leaf(path: Path, length: number, value: number): void {
    for (let i = 1; i <= length; i++)
      this.#values[path.feature[i]!]! += path.unwoundSum(length, i) * (path.one[i]! - path.zero[i]!) * value
  }

  #path(level: number): Path {
    const known = this.#paths[level]
    if (known !== undefined) return known
    // A level has at most as many splits as it is deep, and one per feature.
    const made = new Path(Math.min(level, this.#values.length) + 2)
    this.#paths[level] = made
    return made
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
  extend(length: number, zero: number, one: number, feature: number): void {
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
