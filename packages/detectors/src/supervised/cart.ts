import type { Trees } from '../explain/trees.ts'
import type { Rng } from '../statistics/sampling.ts'

/** What trees are grown on. Rows one after the other, `width` values each, without NaN. */
export interface Sample {
  readonly width: number
  readonly rows: Float64Array
  /** 1 anomalous, 0 normal. */
  readonly labels: Uint8Array
  /** How much each row counts, > 0. */
  readonly weights: Float64Array
}

export interface GrowOptions {
  readonly maxDepth: number
  /** Rows that a leaf has at least. */
  readonly minLeaf: number
  /** Features tried at each split, drawn anew; all of them: nothing is drawn. */
  readonly tried: number
}

/** Trees while they grow. */
export interface GrowingTrees extends Trees {
  readonly roots: number[]
  readonly feature: number[]
  readonly threshold: number[]
  readonly left: number[]
  readonly right: number[]
  readonly value: number[]
  readonly cover: number[]
}

export function noTrees(): GrowingTrees {
  return { roots: [], feature: [], threshold: [], left: [], right: [], value: [], cover: [] }
}

/** Values closer together than this are one, as scikit-learn has it. */
const SAME = 1e-7

/**
 * Adds a classification tree grown on some rows of the sample (a row may be there more than once). The value of a node is the
 * weighted share of anomalous rows, its cover their weight.
 *
 * Each split halves the gap between two values so that the weighted Gini impurity falls most; of splits as good as each other the
 * first one tried is taken. A node is not split when it is pure, at `maxDepth`, or when no split leaves `minLeaf` rows on both sides.
 *
 * Cost: O(rows · log rows · tried) for each level.
 *
 * Source: L. Breiman et al.: Classification and regression trees (1984).
 */
export function growTree(
  sample: Sample,
  rows: Uint32Array,
  options: GrowOptions,
  rng: Rng,
  trees: GrowingTrees,
): void {
  trees.roots.push(trees.feature.length)
  grow({ sample, options, rng, trees }, rows, 0)
}

interface Growing {
  readonly sample: Sample
  readonly options: GrowOptions
  readonly rng: Rng
  readonly trees: GrowingTrees
}

function grow(growing: Growing, rows: Uint32Array, depth: number): number {
  const { sample, options, trees } = growing
  const node = trees.feature.length
  const { anomalous, total } = counted(sample, rows)
  trees.feature.push(-1)
  trees.threshold.push(0)
  trees.left.push(0)
  trees.right.push(0)
  trees.value.push(anomalous / total)
  trees.cover.push(total)
  const pure = rows.every((row) => sample.labels[row] === sample.labels[rows[0]!])
  if (pure || depth >= options.maxDepth || rows.length < 2 * options.minLeaf) return node
  const split = bestSplit(growing, rows, anomalous, total)
  if (split === undefined) return node
  const goesLeft = (row: number) => sample.rows[row * sample.width + split.feature]! <= split.threshold
  trees.feature[node] = split.feature
  trees.threshold[node] = split.threshold
  trees.left[node] = grow(growing, rows.filter(goesLeft), depth + 1)
  trees.right[node] = grow(
    growing,
    rows.filter((row) => !goesLeft(row)),
    depth + 1,
  )
  return node
}

interface Split {
  readonly feature: number
  readonly threshold: number
  /** Σ over the sides of (anomalous² + normal²) / weight: the larger, the purer. */
  readonly purity: number
}

function bestSplit(
  { sample, options, rng }: Growing,
  rows: Uint32Array,
  anomalous: number,
  total: number,
): Split | undefined {
  let best: Split | undefined
  for (const feature of drawn(sample.width, options.tried, rng)) {
    const split = bestSplitOf(sample, rows, feature, options.minLeaf, anomalous, total)
    if (split !== undefined && (best === undefined || split.purity > best.purity)) best = split
  }
  return best
}

function bestSplitOf(
  { width, rows: values, labels, weights }: Sample,
  rows: Uint32Array,
  feature: number,
  minLeaf: number,
  anomalous: number,
  total: number,
): Split | undefined {
  const at = (row: number) => values[row * width + feature]!
  const sorted = rows.toSorted((a, b) => at(a) - at(b))
  let best: Split | undefined
  let leftAnomalous = 0
  let left = 0
  for (let i = 0; i < sorted.length - minLeaf; i++) {
    const row = sorted[i]!
    left += weights[row]!
    if (labels[row] === 1) leftAnomalous += weights[row]!
    const low = at(row)
    const high = at(sorted[i + 1]!)
    if (i + 1 < minLeaf || high <= low + SAME) continue
    const purity =
      gini(leftAnomalous, left - leftAnomalous) +
      gini(anomalous - leftAnomalous, total - left - (anomalous - leftAnomalous))
    if (best !== undefined && purity <= best.purity) continue
    const middle = low / 2 + high / 2
    // Rounding may take the middle to the upper end.
    best = { feature, threshold: middle < high ? middle : low, purity }
  }
  return best
}

const gini = (anomalous: number, normal: number) => (anomalous ** 2 + normal ** 2) / (anomalous + normal)

function counted({ labels, weights }: Sample, rows: Uint32Array) {
  let anomalous = 0
  let total = 0
  for (const row of rows) {
    total += weights[row]!
    if (labels[row] === 1) anomalous += weights[row]!
  }
  return { anomalous, total }
}

/** Some of the features, each as likely (the beginning of a Fisher–Yates shuffle). */
function drawn(width: number, count: number, rng: Rng): number[] {
  const features = Array.from({ length: width }, (_, i) => i)
  if (count >= width) return features
  for (let i = 0; i < count; i++) {
    const other = i + Math.floor(rng() * (width - i))
    const feature = features[i]!
    features[i] = features[other]!
    features[other] = feature
  }
  return features.slice(0, count)
}
