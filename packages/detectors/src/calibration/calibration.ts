import { ModelError } from '../codec/model-error.ts'
import type { Place } from '../statistics/room.ts'

/** Where the knots begin in `parameters`. */
export const HEAD = 9
/** Knots of a calibration, of two numbers each, at the most. */
export const KNOTS = 24
/** Knots that a counted tail has besides, at the most (`countTail`). */
export const COUNTED_KNOTS = 13

/** Numbers of a calibration at the most. */
export const mostParameters = (tail: 'fitted' | 'counted'): number =>
  HEAD + 2 * (tail === 'counted' ? KNOTS + COUNTED_KNOTS : KNOTS)

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
  readonly #numbers: Float64Array
  readonly #from: number
  readonly #length: number

  /** @param numbers kept, not copied, @param from where the parameters begin in it */
  constructor(numbers: Float64Array, from = 0, length: number = numbers.length) {
    this.#numbers = numbers
    this.#from = from
    this.#length = length
  }

  /** @throws ModelError when these are no parameters of a calibration with such a tail */
  static from(parameters: Float64Array, tail: 'fitted' | 'counted' = 'counted'): Calibration {
    const knots = parameters.length - HEAD
    if (
      knots < 2 ||
      parameters.length > mostParameters(tail) ||
      knots % 2 !== 0 ||
      parameters.some(Number.isNaN)
    )
      throw new ModelError('corrupt', `no calibration in ${parameters.length} numbers`)
    return new Calibration(parameters)
  }

  /** Not a copy. */
  get parameters(): Float64Array {
    return this.#numbers.subarray(this.#from, this.#from + this.#length)
  }

  /** The same at a place of `mostParameters` numbers: what was there before is lost. */
  at({ numbers, from }: Place<Float64Array>): Calibration {
    numbers.set(this.parameters, from)
    return new Calibration(numbers, from, this.#length)
  }

  /** Samples that it was fitted on. */
  get samples(): number {
    return this.#numbers[this.#from]!
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
    const c = this.#numbers
    const at = this.#from
    const excess = raw - c[at + 2]!
    if (excess <= 0) return Math.log(this.#body(raw))
    const bend = c[at + 6]!
    if (excess > bend) return Math.log(c[at + 7]!) - (excess - bend) / c[at + 8]!
    const shape = c[at + 5]!
    const x = excess / c[at + 4]!
    return Math.log(c[at + 3]!) - (Math.abs(shape) < 1e-9 ? x : Math.log1p(shape * x) / shape)
  }

  #body(raw: number): number {
    const c = this.#numbers
    const first = this.#from + HEAD
    if (raw < c[first]!) return 1
    let low = 0
    let high = (this.#length - HEAD) / 2 - 1
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (c[first + 2 * middle]! <= raw) low = middle
      else high = middle
    }
    const from = c[first + 2 * low]!
    const p = c[first + 2 * low + 1]!
    const width = c[first + 2 * high]! - from
    if (!(width > 0)) return p
    return p * (c[first + 2 * high + 1]! / p) ** Math.min(1, (raw - from) / width)
  }
}
