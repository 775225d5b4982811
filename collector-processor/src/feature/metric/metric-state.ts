import { HOST_FEATURES } from '@adf/contract'
import { AT } from '../builtin-streams.ts'
import type { Role } from './instruments.ts'
import { type Collection, MetricSource, type SeriesBudget } from './metric-source.ts'
import type { Point } from './point.ts'
import type { PointNote } from './series.ts'
import { putRequests, type RequestMetric } from './standard-features.ts'

/** What was collected last is believed for so many intervals. */
const VALID_INTERVALS = 2
const FIRST_HOST_FEATURE = AT.cpu_usage_percent
const MAX_DIALECTS = 64
/** Writers of one entity whose points somebody else reads. */
const MAX_ELSEWHERE = 1000

interface Writer {
  /** Undefined: its collections come from somebody who reads its points. */
  readonly source: MetricSource | undefined
  latest: Collection | undefined
}

/** Which series a point belongs to. */
export interface SeriesKey {
  readonly key: number
  readonly name: number
  readonly role: Role
  readonly scale: number
}

/**
 * The metrics of one entity, from all resources that name it: replicas without an instance id, or several processes on one
 * host. Requests add up over writers; what they say about the machine is averaged.
 */
export class MetricState {
  readonly dialects = new Set<string>()
  seenMs = 0
  readonly #intervalMs: number
  readonly #budget: SeriesBudget
  readonly #done: (collection: Collection, resource: number) => void
  /** By the index of their resource, or by the name that others gave them. */
  readonly #writers = new Map<number | string, Writer>()

  /** `done` is called for every collection that is complete, after it has become what `fill` uses. */
  constructor(
    intervalMs: number,
    budget: SeriesBudget,
    done: (collection: Collection, resource: number) => void,
  ) {
    this.#intervalMs = intervalMs
    this.#budget = budget
    this.#done = done
  }

  add(
    resource: number,
    { key, name, role, scale }: SeriesKey,
    point: Point,
    arrivalMs: number,
  ): PointNote | 'series_limit' {
    const known = this.#writers.get(resource)
    const source = known?.source ?? new MetricSource(this.#intervalMs, this.#budget)
    const writer = known ?? { source, latest: undefined }
    if (known === undefined) this.#writers.set(resource, writer)
    const series = source.series(key) ?? source.begin(key, name, role, scale)
    if (series === undefined) {
      if (source.seenMs === 0) this.#writers.delete(resource)
      return 'series_limit'
    }
    this.seenMs = arrivalMs
    return source.add(series, point, arrivalMs, (collection) => this.#closed(writer, collection, resource))
  }

  /** Ends the collections to which nothing has come since `quietMs`, and forgets writers that were silent since `staleMs`. */
  close(quietMs: number, staleMs: number): void {
    const closed: { collection: Collection; resource: number }[] = []
    for (const [key, writer] of this.#writers) {
      const { source } = writer
      const pending = source?.pendingMs
      if (pending !== undefined && pending <= quietMs) {
        const collection = source?.close()
        if (collection !== undefined) {
          writer.latest = collection
          closed.push({ collection, resource: Number(key) })
        }
      }
      if ((source?.seenMs ?? writer.latest?.arrivalMs ?? 0) > staleMs) continue
      source?.end()
      this.#writers.delete(key)
    }
    // The latest first: it speaks for those that other writers sent at about the same time.
    for (const { collection, resource } of closed.sort((a, b) => b.collection.timeMs - a.collection.timeMs))
      this.#done(collection, resource)
  }

  /** A collection of a writer whose points somebody else reads; one that is no younger than the last has no effect. */
  collected(name: string, collection: Collection): 'series_limit' | undefined {
    const writer = this.#writers.get(name) ?? { source: undefined, latest: undefined }
    if (writer.latest !== undefined && writer.latest.timeMs >= collection.timeMs) return undefined
    if (writer.latest === undefined && this.#writers.size >= MAX_ELSEWHERE) return 'series_limit'
    this.#writers.set(name, writer)
    this.seenMs = Math.max(this.seenMs, collection.arrivalMs)
    this.#closed(writer, collection, -1)
    return undefined
  }

  /** Several writers tell of one entity: one vector an interval is enough. */
  tooSoon({ timeMs, intervalMs }: Collection, lastMs: number): boolean {
    return this.#writers.size > 1 && timeMs - lastMs < intervalMs / 2
  }

  end(): void {
    for (const { source } of this.#writers.values()) source?.end()
    this.#writers.clear()
  }

  /** Writes the features of the machine that are valid at `atMs` into a vector; true when there is any. */
  fillHost(values: Float64Array, atMs: number): boolean {
    const valid = this.#valid(atMs)
    let any = false
    for (let at = FIRST_HOST_FEATURE; at < HOST_FEATURES.length; at++) {
      let total = 0
      let known = 0
      for (const { host } of valid) {
        if (Number.isNaN(host[at]!)) continue
        total += host[at]!
        known++
      }
      // Two writers may each be near the largest number there is.
      if (known === 0 || !Number.isFinite(total)) continue
      values[at] = total / known
      any = true
    }
    return any
  }

  /** The same for the request features. */
  fillRequests(values: Float64Array, atMs: number): boolean {
    const parts = this.#valid(atMs).flatMap(({ requests }): RequestMetric[] => (requests ? [requests] : []))
    putRequests(parts, values)
    return parts.length > 0
  }

  get writers(): number {
    return this.#writers.size
  }

  noteDialect(text: string): void {
    if (this.dialects.size < MAX_DIALECTS) this.dialects.add(text)
  }

  #closed(writer: Writer, collection: Collection, resource: number): void {
    writer.latest = collection
    this.#done(collection, resource)
  }

  #valid(atMs: number): Collection[] {
    const valid: Collection[] = []
    for (const { latest } of this.#writers.values())
      if (latest !== undefined && atMs - latest.timeMs <= VALID_INTERVALS * latest.intervalMs)
        valid.push(latest)
    return valid
  }
}
