/** Straight line through points by least squares. */
export function lineThrough(points: readonly (readonly [x: number, y: number])[]): {
  /** Change of y per x; NaN of less than two different x. */
  readonly slope: number
  /** Standard error of the slope, of points that do not depend on each other; those of one process do, so that it is the least that it may be off by. */
  readonly error: number
  readonly mean: number
} {
  const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length
  const [mx, my] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))]
  let [xx, xy] = [0, 0]
  for (const [x, y] of points) {
    xx += (x - mx) ** 2
    xy += (x - mx) * (y - my)
  }
  const slope = xx === 0 ? Number.NaN : xy / xx
  let residual = 0
  for (const [x, y] of points) residual += (y - my - slope * (x - mx)) ** 2
  return { slope, error: Math.sqrt(residual / Math.max(1, points.length - 2) / xx), mean: my }
}

/** Value below which this share of the others lies; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
