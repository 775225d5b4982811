/** How one feature behaves in normal operation. Numbers without a unit are in the feature's transformed unit. */
export interface RobustFeature {
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
  /** For a share (errors of requests): its noise is binomial, so the floor follows from the number of trials. */
  readonly trials?: Trials | undefined
}

export interface Trials {
  /** The feature that counts the trials. */
  readonly feature: string
  /** Trials in a vector = value of that feature × factor (window in seconds for a rate). */
  readonly factor: number
  /** Smallest share that is taken as possible in normal operation, though none was seen. */
  readonly prior: number
}

/** Values below it are as good as 0 for the logarithm: a nanosecond in ms. */
const LOG_OFFSET = 1e-6

export function transform(kind: RobustFeature['transform'], value: number): number {
  if (kind === 'log') return Math.log(Math.max(0, value) + LOG_OFFSET)
  return kind === 'sqrt' ? Math.sqrt(Math.max(0, value)) : value
}

export function inverse(kind: RobustFeature['transform'], value: number): number {
  if (kind === 'log') return Math.max(0, Math.exp(value) - LOG_OFFSET)
  return kind === 'sqrt' ? Math.max(0, value) ** 2 : value
}
