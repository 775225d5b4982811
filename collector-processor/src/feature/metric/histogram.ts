/** Observations per second in (low, high]; a single value where both are the same. Unit of the metric times `scale`. */
export interface Bucket {
  readonly low: number
  readonly high: number
  readonly rate: number
}

/** A histogram point. `counts[i]` lies in (bounds[i-1], bounds[i]]. */
export interface ExplicitPoint {
  readonly bounds: Float64Array
  readonly counts: Float64Array
}

/** `counts[i]` lies in (base^(offset+i), base^(offset+i+1)], base = 2^(2^-scale). */
export interface ExponentialPoint {
  readonly scale: number
  readonly zero: number
  readonly offset: number
  readonly counts: Float64Array
}

/** Used again for each difference: an array of its own for every point would keep the collector of garbage busy. */
let scratch = new Float64Array(64)

function scratchOf(length: number): Float64Array {
  if (scratch.length < length) scratch = new Float64Array(2 * length)
  return scratch.subarray(0, length)
}

function sameNumbers(a: Float64Array, b: Float64Array): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** `now` minus `before`, valid until the next difference; undefined when bounds changed or a count fell, which is a reset. */
export function explicitDifference(before: ExplicitPoint, now: ExplicitPoint): ExplicitPoint | undefined {
  const { length } = now.counts
  if (before.counts.length !== length || !sameNumbers(before.bounds, now.bounds)) return undefined
  const counts = scratchOf(length)
  for (let i = 0; i < length; i++) {
    const count = now.counts[i]! - before.counts[i]!
    if (count < 0) return undefined
    counts[i] = count
  }
  return { bounds: now.bounds, counts }
}

/** A copy of a point that is in a batch, in the memory of the point that it follows where that is of the same shape. */
export function keptExplicit(now: ExplicitPoint, before: ExplicitPoint | undefined): ExplicitPoint {
  if (before === undefined) return { bounds: now.bounds.slice(), counts: now.counts.slice() }
  if (before.counts.length !== now.counts.length || !sameNumbers(before.bounds, now.bounds))
    return { bounds: now.bounds.slice(), counts: keptCounts(now.counts, before.counts) }
  before.counts.set(now.counts)
  return before
}

/** The same of an exponential point. */
export function keptExponential(
  now: ExponentialPoint,
  before: ExponentialPoint | undefined,
): ExponentialPoint {
  return { ...now, counts: keptCounts(now.counts, before?.counts) }
}

function keptCounts(now: Float64Array, before: Float64Array | undefined): Float64Array {
  if (before?.length !== now.length) return now.slice()
  before.set(now)
  return before
}

/**
 * `now` minus `before`, valid until the next difference. A writer lowers its scale as its range grows, so `before` is brought to the scale of `now` by
 * merging neighbours; undefined when the scale rose or a count fell, which is a reset.
 */
export function exponentialDifference(
  before: ExponentialPoint,
  now: ExponentialPoint,
): ExponentialPoint | undefined {
  if (before.scale < now.scale || before.zero > now.zero) return undefined
  const counts = scratchOf(now.counts.length)
  counts.set(now.counts)
  const shift = before.scale - now.scale
  for (let i = 0; i < before.counts.length; i++) {
    const count = before.counts[i]!
    if (count === 0) continue
    // Scales differ by at most 30 (-10 … 20 in OTLP), so the shift is one of 32-bit integers.
    const at = ((before.offset + i) >> Math.min(31, shift)) - now.offset
    if (at < 0 || at >= counts.length || counts[at]! < count) return undefined
    counts[at] = counts[at]! - count
  }
  return { ...now, zero: now.zero - before.zero, counts }
}

/** False: an observation lies in a bucket whose bound, once scaled, is past what a number can hold. */
export function explicitIsFinite({ bounds, counts }: ExplicitPoint, scale: number): boolean {
  const last = Math.min(lastFilled(counts), bounds.length - 1)
  return last < 0 || bounds[last]! * scale < Number.POSITIVE_INFINITY
}

/** The same for an exponential point, whose bounds rise as well. */
export function exponentialIsFinite(point: ExponentialPoint, scale: number): boolean {
  const last = lastFilled(point.counts)
  return last < 0 || upperBound(point, last) * scale < Number.POSITIVE_INFINITY
}

/** Index of the last count above 0; -1 when there is none. */
function lastFilled(counts: Float64Array): number {
  let at = counts.length - 1
  while (at >= 0 && !(counts[at]! > 0)) at--
  return at
}

const upperBound = ({ scale, offset }: ExponentialPoint, index: number) =>
  2 ** ((offset + index + 1) * 2 ** -scale)

/** Appends the buckets of a point, its counts turned into rates by `perSecond`. Durations are non-negative: the first begins at 0. */
export function explicitBuckets(
  point: ExplicitPoint,
  scale: number,
  perSecond: number,
  into: Bucket[],
): void {
  const { bounds, counts } = point
  // A single bucket only counts: it says nothing about how long anything took.
  if (counts.length < 2) return
  for (let i = 0; i < counts.length; i++) {
    const rate = counts[i]! * perSecond
    if (!(rate > 0)) continue
    const low = i === 0 ? 0 : Math.max(0, bounds[i - 1]!)
    // What is above the last bound is at least the last bound; nothing more is known.
    const high = i === counts.length - 1 ? low : Math.max(low, bounds[i]!)
    into.push({ low: low * scale, high: high * scale, rate })
  }
}

export function exponentialBuckets(
  point: ExponentialPoint,
  scale: number,
  perSecond: number,
  into: Bucket[],
): void {
  if (point.zero > 0) into.push({ low: 0, high: 0, rate: point.zero * perSecond })
  for (let i = 0; i < point.counts.length; i++) {
    const rate = point.counts[i]! * perSecond
    if (!(rate > 0)) continue
    into.push({ low: upperBound(point, i - 1) * scale, high: upperBound(point, i) * scale, rate })
  }
}

/**
 * Quantiles (q ascending in [0, 1]) of the distribution that buckets of any bounds make together, linear within a bucket
 * as PromQL's histogram_quantile has it; NaN when there are none.
 */
export function bucketQuantiles(buckets: readonly Bucket[], quantiles: readonly number[]): number[] {
  const total = buckets.reduce((sum, bucket) => sum + bucket.rate, 0)
  if (!(total > 0)) return quantiles.map(() => Number.NaN)
  const edges = new Map<number, { jump: number; slope: number }>()
  const edge = (at: number) => {
    const found = edges.get(at) ?? { jump: 0, slope: 0 }
    edges.set(at, found)
    return found
  }
  for (const { low, high, rate } of buckets) {
    const slope = rate / (high - low)
    // A bucket without width, or next to none.
    if (slope === Number.POSITIVE_INFINITY) edge(low).jump += rate
    else {
      edge(low).slope += slope
      edge(high).slope -= slope
    }
  }
  const sorted = [...edges].sort(([a], [b]) => a - b)
  const result: number[] = []
  let reached = 0
  let slope = 0
  let from = sorted[0]![0]
  for (const [at, change] of sorted) {
    const before = reached
    reached += slope * (at - from)
    while (result.length < quantiles.length && quantiles[result.length]! * total <= reached + total * 1e-12) {
      const wanted = quantiles[result.length]! * total
      result.push(slope > 0 ? Math.min(at, Math.max(from, from + (wanted - before) / slope)) : at)
    }
    reached += change.jump
    while (result.length < quantiles.length && quantiles[result.length]! * total <= reached + total * 1e-12)
      result.push(at)
    slope += change.slope
    from = at
  }
  const last = sorted.at(-1)![0]
  while (result.length < quantiles.length) result.push(last)
  return result
}
