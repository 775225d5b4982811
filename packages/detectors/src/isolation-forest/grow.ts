import type { Trees } from '../explain/trees.ts'
import type { Rng } from '../statistics/sampling.ts'

/** Nodes in preorder: the left child of node i is i + 1, so that what a forest is follows from these alone. */
export interface Grown {
  readonly roots: Uint32Array
  /** −1 in a leaf. */
  readonly feature: Int32Array
  readonly threshold: Float32Array
  /** Vectors that came to the node when it was grown. */
  readonly cover: Uint32Array
}

export interface GrowOptions {
  readonly trees: number
  /** Vectors that each tree is grown from. */
  readonly samples: number
  readonly rng: Rng
}

/**
 * Isolation trees: each from its own sample of the rows (without replacement), split at random until a vector is alone or the
 * tree is as high as a balanced one would be. Features that are constant in a node are not split.
 *
 * @param rows one after the other, at least one
 */
export function grow(rows: Float64Array, width: number, { trees, samples, rng }: GrowOptions): Grown {
  const count = rows.length / width
  const size = Math.min(samples, count)
  const limit = Math.ceil(Math.log2(Math.max(2, samples)))
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  const nodes = { feature: [] as number[], threshold: [] as number[], cover: [] as number[] }
  const low = new Float64Array(width)
  const high = new Float64Array(width)

  /** Splits `order` between `from` and `to`. */
  const node = (from: number, to: number, depth: number): void => {
    const at = nodes.feature.push(-1) - 1
    nodes.threshold.push(0)
    nodes.cover.push(to - from)
    if (depth >= limit || to - from < 2) return
    const feature = pickVarying(from, to)
    if (feature < 0) return
    // As it is stored: otherwise a vector might go another way later than it went here.
    const threshold = Math.fround(low[feature]! + rng() * (high[feature]! - low[feature]!))
    let middle = from
    for (let i = from; i < to; i++) {
      if (rows[order[i]! * width + feature]! > threshold) continue
      const other = order[middle]!
      order[middle++] = order[i]!
      order[i] = other
    }
    if (middle === from || middle === to) return
    nodes.feature[at] = feature
    nodes.threshold[at] = threshold
    node(from, middle, depth + 1)
    node(middle, to, depth + 1)
  }

  const pickVarying = (from: number, to: number): number => {
    low.fill(Number.POSITIVE_INFINITY)
    high.fill(Number.NEGATIVE_INFINITY)
    for (let i = from; i < to; i++)
      for (let f = 0; f < width; f++) {
        const value = rows[order[i]! * width + f]!
        if (value < low[f]!) low[f] = value
        if (value > high[f]!) high[f] = value
      }
    let varying = 0
    for (let f = 0; f < width; f++) if (high[f]! > low[f]!) varying++
    let left = Math.floor(rng() * varying)
    for (let f = 0; f < width; f++) if (high[f]! > low[f]! && left-- === 0) return f
    return -1
  }

  const roots = Uint32Array.from({ length: trees }, () => {
    for (let i = 0; i < size; i++) {
      const other = i + Math.floor(rng() * (count - i))
      const row = order[i]!
      order[i] = order[other]!
      order[other] = row
    }
    const root = nodes.feature.length
    node(0, size, 0)
    return root
  })
  return {
    roots,
    feature: Int32Array.from(nodes.feature),
    threshold: Float32Array.from(nodes.threshold),
    cover: Uint32Array.from(nodes.cover),
  }
}

/** What a vector is scored by. Leaves say how many splits it took to come there, and would take on average to be alone. */
export interface IsolationTrees extends Trees {
  readonly left: Uint32Array
  readonly right: Uint32Array
  readonly value: Float32Array
}

/** @throws RangeError when the nodes are no whole trees of `width` features */
export function linked({ roots, feature, threshold, cover }: Grown, width: number): IsolationTrees {
  const count = feature.length
  const left = new Uint32Array(count)
  const right = new Uint32Array(count)
  const value = new Float32Array(count)
  if (threshold.length !== count || cover.length !== count)
    throw new RangeError(`${count} nodes without splits`)
  /** @returns the node after the last one below `at` */
  const link = (at: number, depth: number): number => {
    if (at >= count || feature[at]! >= width || depth > DEEPEST)
      throw new RangeError(`tree leaves node ${at} open`)
    value[at] = depth + averageDepth(cover[at]!)
    if (feature[at]! < 0) return at + 1
    left[at] = at + 1
    right[at] = link(at + 1, depth + 1)
    return link(right[at]!, depth + 1)
  }
  let end = 0
  for (const root of roots) {
    if (root !== end) throw new RangeError(`tree begins at node ${root}, expected ${end}`)
    end = link(root, 0)
  }
  if (end !== count) throw new RangeError(`${count - end} nodes of no tree`)
  return { roots, feature, threshold, left, right, value, cover }
}

const DEEPEST = 64
const EULER = 0.5772156649015329

/** Mean depth of an unsuccessful search in a binary search tree of `count`: splits that isolate one of so many on average. */
export function averageDepth(count: number): number {
  if (count < 2) return 0
  if (count === 2) return 1
  return 2 * (Math.log(count - 1) + EULER) - (2 * (count - 1)) / count
}
