/**
 * Sum of a row's squared distances to its nearest neighbours.
 *
 * @param order of the row's neighbours, itself first
 * @param gone rows that do not count any more
 */
export function krumScore(
  distances: Float64Array,
  order: Int32Array,
  row: number,
  nearest: number,
  gone?: Uint8Array,
): number {
  let sum = 0
  let left = nearest
  for (let i = 1; i < order.length && left > 0; i++) {
    const other = order[i]!
    if (gone?.[other] === 1) continue
    sum += distances[row * order.length + other]!
    left--
  }
  return sum
}
