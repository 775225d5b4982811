import type { Latency } from '@adf/contract'

/** Four buckets to an octave from 2^-10 ms (1 µs) to 2^22 ms (70 min). */
const WIDTH = 128
const OFFSET = (1023 - 10) << 2

/** Upper bounds, in seconds, of the cumulative histogram: 1 ms, 2 ms, 4 ms … 16.4 s. */
export const SECONDS_BOUNDS: readonly number[] = Array.from({ length: 15 }, (_, i) => 2 ** i / 1000)
const COARSE = SECONDS_BOUNDS.length + 1

const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0

/** Bucket of a duration, from the exponent and the first two bits of the fraction of the double: no logarithm. */
function bucketOf(ms: number): number {
  double[0] = ms
  const bucket = (words[HIGH]! >>> 18) - OFFSET
  return bucket < 0 ? 0 : bucket >= WIDTH ? WIDTH - 1 : bucket
}

/**
 * Latency sketches of many owners in one array. A bucket is at most 25 % wide and quantiles are interpolated within it,
 * so that one is off by at most 12.5 % of its value (and much less for smooth data). Weighted for exponential forgetting:
 * newer values come with a larger weight, and `scale` shrinks all. Beside it, plain counts for Prometheus that never shrink.
 */
export class LatencySketches {
  #weights = new Float32Array(0)
  #counts = new Uint32Array(0)
  #owners = 0

  add(owner: number, ms: number, weight: number): void {
    if (owner >= this.#owners) this.#grow(owner + 1)
    const bucket = bucketOf(ms)
    const at = owner * WIDTH + bucket
    this.#weights[at] = this.#weights[at]! + weight
    // bucket 40 begins at 1 ms; an octave of four buckets is one coarse bucket
    const octave = bucket < 40 ? 0 : (bucket - 36) >>> 2
    const coarse = owner * COARSE + (octave < COARSE ? octave : COARSE - 1)
    this.#counts[coarse] = this.#counts[coarse]! + 1
  }

  /** Quantile in ms; NaN when nothing was seen. */
  quantile(owner: number, q: number): number {
    if (owner >= this.#owners) return Number.NaN
    const base = owner * WIDTH
    let total = 0
    for (let i = 0; i < WIDTH; i++) total += this.#weights[base + i]!
    if (!(total > 0)) return Number.NaN
    let rank = q * total
    for (let i = 0; i < WIDTH; i++) {
      const weight = this.#weights[base + i]!
      if (weight > 0 && rank <= weight) {
        const low = lowerBound(i)
        return low + (lowerBound(i + 1) - low) * (rank / weight)
      }
      rank -= weight
    }
    return lowerBound(WIDTH)
  }

  latency(owner: number): Latency | null {
    const p50 = this.quantile(owner, 0.5)
    if (Number.isNaN(p50)) return null
    return { p50, p95: this.quantile(owner, 0.95), p99: this.quantile(owner, 0.99) }
  }

  /** Counts in the buckets that end at SECONDS_BOUNDS, and one for the rest; not cumulated. */
  counts(owner: number): Uint32Array {
    if (owner >= this.#owners) return new Uint32Array(COARSE)
    return this.#counts.subarray(owner * COARSE, (owner + 1) * COARSE)
  }

  scale(factor: number): void {
    for (let i = 0; i < this.#weights.length; i++) this.#weights[i] = this.#weights[i]! * factor
  }

  forget(owner: number): void {
    if (owner >= this.#owners) return
    this.#weights.fill(0, owner * WIDTH, (owner + 1) * WIDTH)
    this.#counts.fill(0, owner * COARSE, (owner + 1) * COARSE)
  }

  #grow(owners: number): void {
    this.#owners = Math.max(owners, this.#owners * 2, 16)
    const weights = new Float32Array(this.#owners * WIDTH)
    weights.set(this.#weights)
    this.#weights = weights
    const counts = new Uint32Array(this.#owners * COARSE)
    counts.set(this.#counts)
    this.#counts = counts
  }
}

function lowerBound(bucket: number): number {
  return 2 ** ((bucket >> 2) - 10) * (1 + (bucket & 3) / 4)
}
