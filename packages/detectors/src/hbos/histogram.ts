/** Narrowest bin, in standard deviations. */
const NARROWEST = 0.05

/** Times that the first and the last bin of `dynamicEdges` are halved, and values that what is left holds at the least. */
const HALVINGS = 4
const FEWEST = 5
/** Bins that `dynamicEdges` makes more than it is asked for, at the most. */
export const SPARE = 2 * HALVINGS

/**
 * Edges of bins that each hold about the same number of values ("dynamic"), the first and the last one halved towards the end again and again:
 * in a bin of one value in twenty, one in a hundred could not be told. A value that fills a bin by itself gets a narrow
 * bin around it, so that a feature that mostly rests at one value is not smeared over the distance to the next.
 *
 * @param sorted ascending, at least one; @returns at most `bins` + `SPARE` + 1 edges, strictly ascending
 */
export function dynamicEdges(sorted: Float64Array, bins: number): number[] {
  const share = Math.ceil(sorted.length / bins)
  const tied = (from: number, to: number) => sorted[from] === sorted[to]
  const edges: number[] = []
  let from = 0
  while (from < sorted.length) {
    let last = endOf(from, share, sorted.length) - 1
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

/** Where the bin that begins at `from` ends, if there are no ties. */
function endOf(from: number, share: number, count: number): number {
  const halves = Array.from({ length: HALVINGS }, (_, k) => Math.round(share / 2 ** (k + 1))).filter(
    (half) => half >= FEWEST,
  )
  const ends = [...halves.toReversed(), share, ...halves.map((half) => count - half), count]
  if (from < share) return Math.min(count, ends.find((end) => end > from)!)
  if (from < count - share) return Math.min(from + share, count - share)
  return ends.find((end) => end > Math.max(from, count - share))!
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
