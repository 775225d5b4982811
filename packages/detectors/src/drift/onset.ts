/**
 * Where a series that changes its mean once does so: the split that leaves the least squares, which is where the sum of the
 * deviations from the mean is farthest from 0. O(n).
 *
 * @returns values before the change; at least `margin` are on either side
 */
export function onset(series: Float64Array, margin: number): number {
  const n = series.length
  const mean = series.reduce((sum, value) => sum + value / n, 0)
  let sum = 0
  let best = margin
  let largest = -1
  for (let k = 1; k < n; k++) {
    sum += series[k - 1]! - mean
    const gain = (sum * sum) / (k * (n - k))
    if (k < margin || k > n - margin || gain <= largest) continue
    largest = gain
    best = k
  }
  return best
}
