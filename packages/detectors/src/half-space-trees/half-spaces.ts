import type { Rng } from '../statistics/sampling.ts'

/**
 * Splits of full binary trees, drawn without any data: node i of a tree has the children 2i + 1 and 2i + 2, and halves the work
 * range of a random dimension. Trees one after the other, 2^(height + 1) − 1 nodes each; the last level has no splits.
 *
 * @param width dimensions, of each of which the range [0, 1] is of interest; the work range is wider, and its middle is anywhere
 * in it
 */
export function halfSpaces(trees: number, height: number, width: number, rng: Rng) {
  const nodes = 2 ** (height + 1) - 1
  const feature = new Int32Array(trees * nodes).fill(-1)
  const threshold = new Float32Array(trees * nodes)
  const low = new Float64Array(width)
  const high = new Float64Array(width)

  const split = (root: number, node: number, depth: number): void => {
    if (depth === height) return
    const dimension = Math.floor(rng() * width)
    const from = low[dimension]!
    const to = high[dimension]!
    const middle = (from + to) / 2
    feature[root + node] = dimension
    threshold[root + node] = middle
    high[dimension] = middle
    split(root, 2 * node + 1, depth + 1)
    high[dimension] = to
    low[dimension] = middle
    split(root, 2 * node + 2, depth + 1)
    low[dimension] = from
  }

  for (let t = 0; t < trees; t++) {
    for (let i = 0; i < width; i++) {
      const center = rng()
      const reach = 2 * Math.max(center, 1 - center)
      low[i] = center - reach
      high[i] = center + reach
    }
    split(t * nodes, 0, 0)
  }
  return { nodes, feature, threshold }
}
