/** How one feature behaves in normal operation. Numbers without a unit are in the feature's transformed unit. */
export interface Feature {
  readonly name: string
  /** Which deviation is bad. */
  readonly direction: 'high' | 'low' | 'both'
  /**
   * What makes its noise even: `log` when noise is in proportion to the value (latencies, sizes), `sqrt` for counts and rates
   * (Poisson), else `linear`. `log` and `sqrt` take values below 0 as 0.
   */
  readonly transform: 'linear' | 'log' | 'sqrt'
  /** Smallest standard deviation that is believed, so that a constant feature does not alarm at its first jitter. */
  readonly floor: number
  /** The same, as a part of the median (linear only). */
  readonly relativeFloor?: number | undefined
  /** What it was computed from: with few samples a vector says little, whatever history says. */
  readonly samples?: Samples | undefined
}

const names = new WeakMap<readonly Feature[], readonly string[]>()

/** Names of features; the same array for the same features, since thousands of entities share them. */
export function namesOf(features: readonly Feature[]): readonly string[] {
  let known = names.get(features)
  if (known === undefined) {
    known = features.map(({ name }) => name)
    names.set(features, known)
  }
  return known
}

/** Samples behind a value = `feature` × `factor` (the window in seconds, for a rate). */
export interface Samples {
  readonly feature: string
  readonly factor: number
  /**
   * `share`: the value is a share of the samples (errors of requests). Its noise is binomial; a share below `prior` is taken as
   * possible in normal operation though it was never seen.
   */
  readonly prior?: number | undefined
  /**
   * `quantile`: this share of the samples lies above the value. Where that is less than `ENOUGH` samples the value hangs on single
   * ones, and its scale grows by the root of what is lacking.
   */
  readonly above?: number | undefined
}

/** Samples above a quantile from which it is steady. */
const ENOUGH = 5

/** Standard deviation to reckon with, given the one from history. */
export function sampledScale(scale: number, samples: Samples, count: number, center: number): number {
  const n = Math.max(1, count)
  if (samples.above !== undefined) return scale * Math.sqrt(Math.max(1, ENOUGH / (n * samples.above)))
  const share = Math.min(0.5, Math.max(center, samples.prior ?? 0))
  return Math.max(scale, Math.sqrt((share * (1 - share)) / n))
}

/** Values below it are as good as 0 for the logarithm: a nanosecond in ms. */
const LOG_OFFSET = 1e-6

export function transform(kind: Feature['transform'], value: number): number {
  if (kind === 'log') return Math.log(Math.max(0, value) + LOG_OFFSET)
  return kind === 'sqrt' ? Math.sqrt(Math.max(0, value)) : value
}

export function inverse(kind: Feature['transform'], value: number): number {
  if (kind === 'log') return Math.max(0, Math.exp(value) - LOG_OFFSET)
  return kind === 'sqrt' ? Math.max(0, value) ** 2 : value
}
