import { ModelError } from '../codec/model-error.ts'

/**
 * Raw score of a detector → DESIGN's score min(1, -log10(p)/6), p = probability of a raw score at least this large in normal
 * operation. Below the tail p is read from the samples; in the tail it follows a generalised Pareto distribution. The score
 * never falls as the raw score grows. Immutable; all of it is one Float64Array (`parameters`), so that a worker can hand it
 * over without a copy.
 *
 * Layout: [samples, effective, start, mass, scale, shape, bend, bendMass, bendScale, v0, p0, v1, p1, …]: v ascending, p the
 * share of samples ≥ v; the tail begins above `start`, which a share of `mass` exceeds. Past `bend` a tail that would end (shape < 0) goes on exponentially.
 */
export class Calibration {
  readonly parameters: Float64Array

  constructor(parameters: Float64Array) {
    this.parameters = parameters
  }

  /** @throws ModelError when these are no parameters of a calibration */
  static from(parameters: Float64Array): Calibration {
    const knots = parameters.length - HEAD
    if (knots < 2 || knots % 2 !== 0 || parameters.some(Number.isNaN))
      throw new ModelError('corrupt', `no calibration in ${parameters.length} numbers`)
    return new Calibration(parameters)
  }

  /** Samples that it was fitted on. */
  get samples(): number {
    return this.parameters[0]!
  }

  probability(raw: number): number {
    return Math.exp(this.#logProbability(raw))
  }

  score(raw: number): number {
    return Math.min(1, this.severity(raw))
  }

  /** The score without its upper end: tells what is one in a million from what is rarer still. */
  severity(raw: number): number {
    return Math.max(0, -this.#logProbability(raw) / (6 * Math.LN10))
  }

  /** Natural logarithm, since p itself may be too small for a number. */
  #logProbability(raw: number): number {
    const c = this.parameters
    const excess = raw - c[2]!
    if (excess <= 0) return Math.log(this.#body(raw))
    const bend = c[6]!
    if (excess > bend) return Math.log(c[7]!) - (excess - bend) / c[8]!
    const shape = c[5]!
    const x = excess / c[4]!
    return Math.log(c[3]!) - (Math.abs(shape) < 1e-9 ? x : Math.log1p(shape * x) / shape)
  }

  #body(raw: number): number {
    const c = this.parameters
    if (raw < c[HEAD]!) return 1
    let low = 0
    let high = (c.length - HEAD) / 2 - 1
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (c[HEAD + 2 * middle]! <= raw) low = middle
      else high = middle
    }
    const from = c[HEAD + 2 * low]!
    const p = c[HEAD + 2 * low + 1]!
    const width = c[HEAD + 2 * high]! - from
    if (!(width > 0)) return p
    return p * (c[HEAD + 2 * high + 1]! / p) ** Math.min(1, (raw - from) / width)
  }
}

/** Where the knots begin in `parameters`. */
export const HEAD = 9
