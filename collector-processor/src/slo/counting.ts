import { MetricReader } from '../feature/metric/metric-reader.ts'
import { type MetricBatch, type SpanBatch, SpanKind, StatusCode } from '../telemetry/batch.ts'
import type { Book } from './book.ts'
import { RequestSeries } from './request-series.ts'
import type { ServiceRequests } from './service-requests.ts'

const NEW_METRIC = 'http.server.request.duration'
const OLD_METRIC = 'http.server.duration'
/** A resource that sent nothing for so long has its series forgotten. */
const SILENT_MS = 3_600_000

/** Why a span or a point is in no count. */
export type Uncounted =
  | 'service_limit'
  | 'series_limit'
  | 'attribute_limit'
  | 'unusable_kind'
  | 'too_old'
  | 'reset'
  | 'no_time'
  | 'not_finite'
  | 'out_of_order'
  | 'overlap'

/** The series of one resource. */
interface Writer {
  readonly series: Map<number, RequestSeries>
  /** By metric name: times of the latest collection and of the one before it. */
  readonly collections: Map<number, { atMs: number; beforeMs: number }>
  seenMs: number
}

/**
 * Counts requests as telemetry comes: SERVER and CONSUMER spans at the minute in which they ended, histograms of request
 * durations at that of their time. Both may be late. A batch must have passed the causal graph, which marks repeated spans.
 */
export class Counting {
  readonly #book: Book
  readonly #maxSeries: number
  /** A cumulative series that began earlier may have been counted already. */
  #countingSinceMs: number
  readonly #uncounted: (reason: Uncounted) => void
  readonly #reader = new MetricReader()
  readonly #writers = new Map<number, Writer>()
  readonly #local: (ServiceRequests | null | undefined)[] = []
  #series = 0

  constructor(parts: {
    book: Book
    maxSeries: number
    /** When this process began to count. */
    nowMs: number
    uncounted: (reason: Uncounted) => void
  }) {
    this.#book = parts.book
    this.#maxSeries = parts.maxSeries
    this.#countingSinceMs = parts.nowMs
    this.#uncounted = parts.uncounted
  }

  spans(batch: SpanBatch, arrivalMs: number): void {
    this.#local.length = 0
    const { length, resource, kind, startMs, durationMs, status, failed, repeated, weight } = batch
    for (let row = 0; row < length; row++) {
      if (repeated[row] === 1 || (kind[row] !== SpanKind.server && kind[row] !== SpanKind.consumer)) continue
      const service = this.#service(batch, resource[row]!, arrivalMs)
      if (service === undefined) continue
      if (service === null) {
        this.#uncounted('service_limit')
        continue
      }
      const duration = durationMs[row]!
      // Nothing lies in the future, whatever its clock says.
      const endMs = Math.min(startMs[row]! + duration, arrivalMs)
      const fault = status[row] === StatusCode.error || failed[row] === 1
      if (!service.span(endMs, duration, fault, weight[row]!, arrivalMs)) this.#uncounted('too_old')
    }
  }

  metrics(batch: MetricBatch, arrivalMs: number): void {
    this.#local.length = 0
    const rows: number[] = []
    for (let row = 0; row < batch.length; row++) {
      const name = batch.strings.get(batch.name[row]!)
      if (name !== NEW_METRIC && name !== OLD_METRIC) continue
      rows.push(row)
      const service = name === NEW_METRIC ? this.#service(batch, batch.resource[row]!, arrivalMs) : undefined
      if (service) service.newMetric = true
    }
    for (const row of rows) this.#point(batch, row, arrivalMs)
  }

  /** Forgets the series of resources that went away. */
  forget(nowMs: number): void {
    for (const [resource, { series, seenMs }] of this.#writers) {
      if (nowMs - seenMs <= SILENT_MS) continue
      this.#series -= series.size
      this.#countingSinceMs = Math.max(this.#countingSinceMs, seenMs)
      this.#writers.delete(resource)
    }
  }

  #point(batch: MetricBatch, row: number, arrivalMs: number): void {
    const reason = this.#take(batch, row, arrivalMs)
    if (reason !== undefined) this.#uncounted(reason)
  }

  /** Counts a point, or says why not; undefined too for what is in no count and need not be. */
  #take(batch: MetricBatch, row: number, arrivalMs: number): Uncounted | undefined {
    const at = batch.resource[row]!
    const service = this.#service(batch, at, arrivalMs)
    const resource = batch.resources[at]
    if (service === undefined || resource === undefined) return undefined
    if (service === null) return 'service_limit'
    const read = this.#reader.read(batch, row)
    if (read === undefined) return undefined
    if (typeof read === 'string') return read
    if (read.series.role.quantity === 'http_old' && service.newMetric) return undefined
    service.source.metrics(arrivalMs)
    const writer = this.#writer(resource.index, arrivalMs)
    const series = this.#seriesOf(writer, read.series.key)
    if (series === undefined) return 'series_limit'
    const increment = series.add(read.point, {
      collectedMs: collectedBefore(writer, read.series.name, read.point.timeMs),
      countingSinceMs: this.#countingSinceMs,
    })
    if (typeof increment !== 'string')
      return service.increment(increment, read.series, arrivalMs) ? undefined : 'too_old'
    return increment === 'base' || increment === 'stale' ? undefined : increment
  }

  #writer(resource: number, arrivalMs: number): Writer {
    let writer = this.#writers.get(resource)
    if (writer === undefined) {
      writer = { series: new Map(), collections: new Map(), seenMs: arrivalMs }
      this.#writers.set(resource, writer)
    }
    writer.seenMs = arrivalMs
    return writer
  }

  #seriesOf(writer: Writer, key: number): RequestSeries | undefined {
    let series = writer.series.get(key)
    if (series === undefined && this.#series < this.#maxSeries) {
      series = new RequestSeries()
      writer.series.set(key, series)
      this.#series++
    }
    return series
  }

  /** By request-local resource, during one batch; null: there is no room, undefined: it names no service. */
  #service(
    batch: Pick<SpanBatch, 'resources'>,
    at: number,
    arrivalMs: number,
  ): ServiceRequests | null | undefined {
    const known = this.#local[at]
    if (known !== undefined) return known
    const name = batch.resources[at]?.service ?? ''
    if (name === '') return undefined
    const service = this.#book.service(name, arrivalMs) ?? null
    this.#local[at] = service
    return service
  }
}

/** Time of the collection before the one of this point; NaN when there was none. Keeps track of them. */
function collectedBefore({ collections }: Writer, name: number, timeMs: number): number {
  const known = collections.get(name)
  if (known === undefined) {
    collections.set(name, { atMs: timeMs, beforeMs: Number.NaN })
    return Number.NaN
  }
  if (timeMs > known.atMs) {
    known.beforeMs = known.atMs
    known.atMs = timeMs
  }
  return known.beforeMs
}
