/** One metric of one service before and after the change point. */
export interface MetricSeries {
  readonly service: string
  readonly before: readonly number[]
  readonly after: readonly number[]
}

/**
 * BARO (Pham, Ha, Zhang: "BARO: Robust Root Cause Analysis for Microservices via Multivariate Bayesian Online Change Point
 * Detection", FSE 2024), its RobustScorer: each metric after the change point is scaled by the median and the
 * interquartile range before it, and scores by its largest value; services rank by their best metric. The change
 * point is given, where the paper detects it: it is the start of the judged window. A metric that was constant before
 * has no range; it is left out when it stays so, and scaled by 1 else, as scikit-learn's RobustScaler does.
 */
export function baro(metrics: readonly MetricSeries[]): string[] {
  const best = new Map<string, number>()
  for (const { service, before, after } of metrics) {
    const seen = before.filter(Number.isFinite).sort((a, b) => a - b)
    const judged = after.filter(Number.isFinite)
    if (seen.length === 0 || judged.length === 0) continue
    const median = quantile(seen, 0.5)
    const range = quantile(seen, 0.75) - quantile(seen, 0.25) || 1
    const score = Math.max(...judged.map((value) => (value - median) / range))
    best.set(service, Math.max(best.get(service) ?? Number.NEGATIVE_INFINITY, score))
  }
  return Array.from(best)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([service]) => service)
}

function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1)
  const low = sorted[Math.floor(at)]!
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at))
}
