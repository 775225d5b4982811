/** Pairs that are compared at most. */
const PAIRS = 3000
/** Part of the history that a pair spans, where seasons allow. */
const LAG = 0.25
/** Lags that the history holds at least: with fewer, one step may be in more than half of the pairs of each third. */
const LAGS = 2.5

/**
 * Slope of each series per ms: the median of the differences over a whole number of seasons (so that these drop out), taken for the
 * three thirds of the history, of which the smallest counts, if all have one sign (so that one step makes no slope). 0 for a history of
 * fewer than two and a half seasons. O(n log n).
 *
 * Source: P. K. Sen: Estimates of the regression coefficient based on Kendall's tau (1968), with pairs at one lag.
 *
 * @param rows row by row, `width` values each, NaN where missing, @param seasonMs the longest season, or 0
 */
export function slopes(
  rows: Float64Array,
  timesMs: Float64Array,
  width: number,
  seasonMs: number,
): Float64Array {
  const out = new Float64Array(width)
  const count = timesMs.length
  const spanMs = count > 0 ? timesMs[count - 1]! - timesMs[0]! : 0
  const lagMs = seasonMs > 0 ? seasonMs * Math.max(1, Math.floor((LAG * spanMs) / seasonMs)) : LAG * spanMs
  if (!(lagMs > 0) || LAGS * lagMs > spanMs * 1.02) return out
  const stride = Math.max(1, Math.floor(count / PAIRS))
  const [from, to]: [number[], number[]] = [[], []]
  let later = 0
  for (let row = 0; row < count; row += stride) {
    while (later < count && timesMs[later]! < timesMs[row]! + lagMs) later++
    if (later === count) break
    from.push(row)
    to.push(later)
  }
  const third = Math.floor(from.length / 3)
  for (let i = 0; i < width; i++) {
    const thirds = [0, 1, 2].map((k) => {
      const rises: number[] = []
      for (let pair = k * third; pair < (k + 1) * third; pair++) {
        const [a, b] = [from[pair]!, to[pair]!]
        const rise = (rows[b * width + i]! - rows[a * width + i]!) / (timesMs[b]! - timesMs[a]!)
        if (!Number.isNaN(rise)) rises.push(rise)
      }
      return rises.sort((a, b) => a - b)[rises.length >> 1] ?? 0
    })
    const smallest = Math.min(...thirds)
    const largest = Math.max(...thirds)
    out[i] = smallest > 0 ? smallest : Math.min(0, largest)
  }
  return out
}
