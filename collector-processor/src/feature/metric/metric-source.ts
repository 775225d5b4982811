import type { Role } from './instruments.ts'
import type { Known } from './interval.ts'
import type { Point } from './point.ts'
import { type PointNote, Series } from './series.ts'
import { type Collected, collect } from './standard-features.ts'

/** A series that is missing for so many intervals is given up. */
const SILENT_INTERVALS = 10

/** A histogram counts as one series for so many buckets: their memory is what the bound is for. */
const BUCKETS_OF_ONE = 16

/** The bound on the series of all sources together. */
export interface SeriesBudget {
  used: number
  limit: number
}

/** A collection that is complete. Times in ms. */
export interface Collection extends Collected {
  /** Latest time of its points. */
  readonly timeMs: number
  /** Arrival of the last of them. */
  readonly arrivalMs: number
  /** Since the collection before it, or the configured interval. */
  readonly intervalMs: number
}

/**
 * The metrics of one writer (one resource) for one entity. The points of one export share a time, give or take the
 * milliseconds between two scrapers; a collection is complete when a series comes again, or when nothing more came for a
 * whole step (the caller then calls `close`).
 */
export class MetricSource {
  readonly #intervalMs: number
  readonly #budget: SeriesBudget
  readonly #series = new Map<number, Series>()
  /** Time of the last collection that held a metric of this name, by string id. */
  readonly #collected = new Map<number, number>()
  /** Names of which a silent series was given up: a series that comes new may be an old one. */
  readonly #forgotten = new Set<number>()
  /** Latest time and arrival in the collection under way; it is empty when `#timeMs` is 0. */
  #timeMs = 0
  #arrivalMs = 0
  #collectedMs = Number.NaN
  #observedMs: number
  seenMs = 0

  constructor(intervalMs: number, budget: SeriesBudget) {
    this.#intervalMs = intervalMs
    this.#budget = budget
    this.#observedMs = intervalMs
  }

  /** Arrival of the last point of the collection under way; undefined when nothing waits. */
  get pendingMs(): number | undefined {
    return this.#timeMs === 0 ? undefined : this.#arrivalMs
  }

  series(key: number): Series | undefined {
    return this.#series.get(key)
  }

  /** Begins a series of the metric with this name; undefined when the bound on all series is reached. */
  begin(key: number, name: number, role: Role, scale: number): Series | undefined {
    if (this.#budget.used >= this.#budget.limit) return undefined
    this.#budget.used++
    const series = new Series(name, role, scale)
    this.#series.set(key, series)
    return series
  }

  /** Takes a point of a series; hands on the collection before it when this point shows that it is complete. */
  add(
    series: Series,
    point: Point,
    arrivalMs: number,
    done: (collection: Collection) => void,
  ): PointNote | 'series_limit' {
    if (!this.#afford(series, point)) return 'series_limit'
    this.seenMs = arrivalMs
    if (series.fresh && point.timeMs > series.timeMs) {
      const collection = this.close()
      if (collection !== undefined) done(collection)
    }
    const collectedMs = this.#forgotten.has(series.name) ? undefined : this.#collected.get(series.name)
    const known: Known = { collectedMs: collectedMs ?? Number.NaN, maxAgeMs: 2 * this.#observedMs }
    const note = series.add(point, known)
    const taken = note === undefined || note === 'gap' || note === 'reset'
    if (taken && !point.stale) {
      this.#timeMs = Math.max(this.#timeMs, point.timeMs)
      this.#arrivalMs = Math.max(this.#arrivalMs, arrivalMs)
    }
    return note
  }

  /** Ends the collection under way; undefined when there is none. */
  close(): Collection | undefined {
    if (this.#timeMs === 0) return undefined
    const between = this.#timeMs - this.#collectedMs
    if (between > 0) this.#observedMs = Math.min(between, 10 * this.#intervalMs)
    const collection = {
      ...collect(this.#series.values()),
      timeMs: this.#timeMs,
      arrivalMs: this.#arrivalMs,
      intervalMs: this.#observedMs,
    }
    this.#collectedMs = this.#timeMs
    this.#timeMs = 0
    this.#arrivalMs = 0
    for (const [key, series] of this.#series) this.#next(key, series, collection)
    return collection
  }

  /** Gives the room of its series back. */
  end(): void {
    for (const { cost } of this.#series.values()) this.#budget.used -= cost
    this.#series.clear()
  }

  /** Takes the room for the buckets of a point; what a series has it keeps until it is given up. */
  #afford(series: Series, { explicit, exponential }: Point): boolean {
    const buckets = (explicit ?? exponential)?.counts.length ?? 0
    const more = Math.ceil(buckets / BUCKETS_OF_ONE) - series.cost
    if (more <= 0) return true
    if (this.#budget.used + more > this.#budget.limit) return false
    this.#budget.used += more
    series.cost += more
    return true
  }

  #next(key: number, series: Series, { timeMs, intervalMs }: Collection): void {
    if (series.fresh) this.#collected.set(series.name, timeMs)
    series.nextCollection()
    if (timeMs - series.timeMs <= SILENT_INTERVALS * intervalMs) return
    this.#series.delete(key)
    this.#forgotten.add(series.name)
    this.#budget.used -= series.cost
  }
}
