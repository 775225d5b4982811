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

/** Buckets of a page: four octaves. */
const PAGE = 16
const PAGES = WIDTH / PAGE
const OCTAVES = PAGE / 4
/** Pages are many: doubling would leave half of them empty. */
const GROWTH = 1.2
/** The octave that begins at 1 ms; all below it are one coarse bucket. */
const MILLISECOND = 10

/**
 * Latency sketches of many owners. A bucket is at most 25 % wide and quantiles are interpolated within it,
 * so that one is off by at most 12.5 % of its value (and much less for smooth data). Weighted for exponential forgetting:
 * newer values come with a larger weight, and `scale` shrinks all. Beside it, plain counts for Prometheus that never shrink.
 *
 * Latencies of one owner lie close together: it takes pages of four octaves, as it needs them, 96 bytes each.
 */
export class LatencySketches {
  /** Page of each owner and range; 0 = none yet. */
  #pages = new Uint32Array(0)
  #weights = new Float32Array(PAGE)
  #counts = new Float64Array(OCTAVES)
  readonly #free: number[] = []
  #next = 1
  /** What `#gather` brought together: buckets and their weights. */
  readonly #buckets = new Uint8Array(WIDTH)
  readonly #gathered = new Float64Array(WIDTH)
  #filled = 0

  /** @param count how many values the one stands for */
  add(owner: number, ms: number, weight: number, count: number): void {
    const bucket = bucketOf(ms)
    const entry = owner * PAGES + (bucket >>> 4)
    const page = entry < this.#pages.length ? this.#pages[entry]! || this.#take(entry) : this.#take(entry)
    const at = page * PAGE + (bucket & 15)
    this.#weights[at] = this.#weights[at]! + weight * count
    const octave = at >>> 2
    this.#counts[octave] = this.#counts[octave]! + count
  }

  /** Quantile in ms; NaN when nothing was seen. */
  quantile(owner: number, q: number): number {
    const total = this.#gather(owner)
    return total > 0 ? this.#quantile(q * total) : Number.NaN
  }

  latency(owner: number): Latency | null {
    const total = this.#gather(owner)
    if (!(total > 0)) return null
    return {
      p50: this.#quantile(0.5 * total),
      p95: this.#quantile(0.95 * total),
      p99: this.#quantile(0.99 * total),
    }
  }

  /** Counts in the buckets that end at SECONDS_BOUNDS, and one for the rest; not cumulated. */
  counts(owner: number): Float64Array {
    const coarse = new Float64Array(COARSE)
    for (let range = 0; range < PAGES; range++) {
      const page = this.#pages[owner * PAGES + range]
      if (!page) continue
      for (let i = 0; i < OCTAVES; i++) {
        const above = Math.max(0, range * OCTAVES + i - MILLISECOND + 1)
        const bucket = Math.min(above, COARSE - 1)
        coarse[bucket] = coarse[bucket]! + this.#counts[page * OCTAVES + i]!
      }
    }
    return coarse
  }

  /** The buckets of an owner that hold something, each by a duration that falls into it, and its weight; the owner is empty then. */
  take(owner: number): [number, number][] {
    this.#gather(owner)
    const taken = Array.from({ length: this.#filled }, (_, i): [number, number] => [
      lowerBound(this.#buckets[i]!),
      this.#gathered[i]!,
    ])
    this.forget(owner)
    return taken
  }

  scale(factor: number): void {
    for (let i = 0; i < this.#weights.length; i++) this.#weights[i] = this.#weights[i]! * factor
  }

  forget(owner: number): void {
    for (let entry = owner * PAGES; entry < (owner + 1) * PAGES; entry++) {
      const page = this.#pages[entry]
      if (!page) continue
      this.#pages[entry] = 0
      this.#weights.fill(0, page * PAGE, (page + 1) * PAGE)
      this.#counts.fill(0, page * OCTAVES, (page + 1) * OCTAVES)
      this.#free.push(page)
    }
  }

  /** Brings the buckets of an owner that hold something together, from the lowest up; gives the sum of their weights. */
  #gather(owner: number): number {
    let total = 0
    let filled = 0
    for (let range = 0; range < PAGES; range++) {
      const page = this.#pages[owner * PAGES + range]
      if (!page) continue
      for (let i = 0; i < PAGE; i++) {
        const weight = this.#weights[page * PAGE + i]!
        if (!(weight > 0)) continue
        this.#buckets[filled] = range * PAGE + i
        this.#gathered[filled++] = weight
        total += weight
      }
    }
    this.#filled = filled
    return total
  }

  #quantile(rank: number): number {
    for (let i = 0; i < this.#filled; i++) {
      const weight = this.#gathered[i]!
      if (rank <= weight) {
        const low = lowerBound(this.#buckets[i]!)
        return low + (lowerBound(this.#buckets[i]! + 1) - low) * (rank / weight)
      }
      rank -= weight
    }
    return lowerBound(WIDTH)
  }

  #take(entry: number): number {
    if (entry >= this.#pages.length) {
      const pages = new Uint32Array(Math.max(entry + PAGES, this.#pages.length * 2, 16 * PAGES))
      pages.set(this.#pages)
      this.#pages = pages
    }
    const page = this.#free.pop() ?? this.#next++
    if ((page + 1) * PAGE > this.#weights.length) {
      const pagesNow = Math.max(16, Math.ceil(this.#next * GROWTH))
      const weights = new Float32Array(pagesNow * PAGE)
      weights.set(this.#weights)
      this.#weights = weights
      const counts = new Float64Array(pagesNow * OCTAVES)
      counts.set(this.#counts)
      this.#counts = counts
    }
    this.#pages[entry] = page
    return page
  }
}

function lowerBound(bucket: number): number {
  return 2 ** ((bucket >> 2) - 10) * (1 + (bucket & 3) / 4)
}
