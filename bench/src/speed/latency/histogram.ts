/** Cumulative counts by upper bound, of one histogram in a text exposition. */
export type Buckets = ReadonlyMap<number, number>

/** All series of the histogram added up. */
export function bucketsIn(exposition: string, name: string): Buckets {
  const buckets = new Map<number, number>()
  for (const line of exposition.split('\n')) {
    const [, labels = '', value] = /^(?:[a-zA-Z_:][\w:]*)_bucket\{(.*)\} (\S+)$/.exec(line) ?? []
    if (value === undefined || !line.startsWith(`${name}_bucket{`)) continue
    const le = /le="([^"]+)"/.exec(labels)?.[1] ?? '+Inf'
    const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)
    buckets.set(bound, (buckets.get(bound) ?? 0) + Number(value))
  }
  return buckets
}

/** What came between two moments. */
export function since(before: Buckets, after: Buckets): Buckets {
  return new Map([...after].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)]))
}

/** The upper bound of the bucket that the quantile lies in: never less than the value itself. NaN of nothing. */
export function quantileBound(buckets: Buckets, quantile: number): number {
  const sorted = [...buckets].sort(([a], [b]) => a - b)
  const total = sorted.at(-1)?.[1] ?? 0
  if (total === 0) return Number.NaN
  return sorted.find(([, count]) => count >= quantile * total)?.[0] ?? Number.NaN
}

export const countOf = (buckets: Buckets): number => buckets.get(Number.POSITIVE_INFINITY) ?? 0
