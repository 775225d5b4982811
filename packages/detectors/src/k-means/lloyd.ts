import type { Rng } from '../statistics/sampling.ts'

const PASSES = 50

export interface Clusters {
  /** One centre after the other. */
  readonly centers: Float64Array
  /** Of each row, the cluster that it belongs to. */
  readonly members: Uint32Array
}

/**
 * Lloyd's algorithm from k-means++ seeds (D. Arthur, S. Vassilvitskii, 2007). Finds a local optimum. Fewer than `k` different
 * rows leave clusters without members. O(rows × k × width) a pass, at most 50.
 *
 * @param rows one after the other, at least one, `width` values each
 */
export function cluster(rows: Float64Array, width: number, k: number, rng: Rng): Clusters {
  const count = rows.length / width
  const centers = seeds(rows, width, k, rng)
  const members = new Uint32Array(count)
  const sums = new Float64Array(centers.length)
  const sizes = new Uint32Array(k)
  for (let pass = 0; pass < PASSES; pass++) {
    let moved = pass === 0
    for (let row = 0; row < count; row++) {
      const own = nearestCenter(rows, row * width, width, centers)
      moved ||= own !== members[row]
      members[row] = own
    }
    if (!moved) break
    sums.fill(0)
    sizes.fill(0)
    for (let row = 0; row < count; row++) {
      const own = members[row]!
      sizes[own]!++
      for (let i = 0; i < width; i++) sums[own * width + i]! += rows[row * width + i]!
    }
    for (let at = 0; at < centers.length; at++) {
      const size = sizes[Math.floor(at / width)]!
      if (size > 0) centers[at] = sums[at]! / size
    }
  }
  return { centers, members }
}

function nearestCenter(rows: Float64Array, from: number, width: number, centers: Float64Array): number {
  let best = 0
  let smallest = Number.POSITIVE_INFINITY
  for (let at = 0; at < centers.length; at += width) {
    const distance = squaredDistance(rows, from, centers, at, width)
    if (distance >= smallest) continue
    smallest = distance
    best = at / width
  }
  return best
}

/** Each next seed is drawn in proportion to its squared distance from those there are. */
function seeds(rows: Float64Array, width: number, k: number, rng: Rng): Float64Array {
  const count = rows.length / width
  const centers = new Float64Array(k * width)
  const squares = new Float64Array(count).fill(Number.POSITIVE_INFINITY)
  let chosen = Math.floor(rng() * count)
  for (let c = 0; c < k; c++) {
    centers.set(rows.subarray(chosen * width, (chosen + 1) * width), c * width)
    let total = 0
    for (let row = 0; row < count; row++) {
      squares[row] = Math.min(squares[row]!, squaredDistance(rows, row * width, centers, c * width, width))
      total += squares[row]!
    }
    let rest = rng() * total
    chosen = 0
    while (chosen < count - 1 && rest >= squares[chosen]!) rest -= squares[chosen++]!
  }
  return centers
}

export function squaredDistance(
  a: Float64Array,
  from: number,
  b: Float64Array,
  at: number,
  width: number,
): number {
  let sum = 0
  for (let i = 0; i < width; i++) {
    const difference = a[from + i]! - b[at + i]!
    sum += difference * difference
  }
  return sum
}
