/** Narrowest bin, in standard deviations. */
const NARROWEST = 0.05

/**
 * Edges of bins that each hold about the same number of values ("dynamic"). A value that fills a bin by itself gets a narrow
 * bin around it, so that a feature that mostly rests at one value is not smeared over the distance to the next.
 *
 * @param sorted ascending, at least one; @returns at most `bins` + 1 edges, strictly ascending
 */
export function dynamicEdges(sorted: Float64Array, bins: number): number[] {
  const share = Math.ceil(sorted.length / bins)
  const tied = (from: number, to: number) => sorted[from] === sorted[to]
  const edges: number[] = []
  let from = 0
  while (from < sorted.length) {
    let last = Math.min(from + share, sorted.length) - 1
    while (last + 1 < sorted.length && tied(last, last + 1)) last++
    const single = tied(from, last)
    if (edges.length === 0) edges.push(sorted[0]! - (single ? NARROWEST / 2 : 0))
    const value = sorted[last]!
    const next = sorted[last + 1] ?? value
    const end = single ? value + NARROWEST / 2 : (value + next) / 2
    edges.push(Math.max(end, edges.at(-1)! + NARROWEST))
    from = last + 1
    while (from < sorted.length && sorted[from]! <= edges.at(-1)!) from++
  }
  return edges
}

/** Edges of bins of equal width. The same bounds as `dynamicEdges`. */
export function staticEdges(sorted: Float64Array, bins: number): number[] {
  const width = sorted.at(-1)! - sorted[0]!
  const count = Math.max(1, Math.min(bins, Math.floor(width / NARROWEST)))
  const spare = Math.max(0, NARROWEST - width) / 2
  const low = sorted[0]! - spare
  const high = sorted.at(-1)! + spare
  return Array.from({ length: count + 1 }, (_, i) => (i === count ? high : low + (i * (high - low)) / count))
}
