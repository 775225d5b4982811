/**
 * Decision trees in flat arrays, all nodes of all trees one after the other. A vector goes left where
 * `vector[feature] <= threshold`, else right, NaN too.
 */
export interface Trees {
  /** Node at which each tree begins. */
  readonly roots: ArrayLike<number>
  /** Feature of the split; -1 in a leaf. */
  readonly feature: ArrayLike<number>
  readonly threshold: ArrayLike<number>
  readonly left: ArrayLike<number>
  readonly right: ArrayLike<number>
  /** What a leaf says; that of inner nodes is not read. */
  readonly value: ArrayLike<number>
  /** Weight of the training vectors that came through the node; of an inner node the sum of its children's. */
  readonly cover: ArrayLike<number>
}

/** Leaf of the tree beginning at `root` that the vector comes to. */
export function leafOf(trees: Trees, root: number, vector: Float64Array): number {
  const { feature, threshold, left, right } = trees
  let node = root
  for (let at = feature[node]!; at >= 0; at = feature[node]!)
    node = vector[at]! <= threshold[node]! ? left[node]! : right[node]!
  return node
}

/** Mean over the trees of the value of the leaf. O(trees × depth), without garbage. */
export function meanValue(trees: Trees, vector: Float64Array): number {
  const count = trees.roots.length
  let sum = 0
  for (let t = 0; t < count; t++) sum += trees.value[leafOf(trees, trees.roots[t]!, vector)]!
  return count === 0 ? 0 : sum / count
}
