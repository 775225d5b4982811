import type { Registry } from 'prom-client'
import type { TelemetrySink } from '../telemetry/batch.ts'
import type { Clock } from '../telemetry/clock.ts'
import { LogColumns, MetricColumns, SpanColumns } from '../telemetry/columns.ts'
import type { TelemetryForward } from '../telemetry/forward.ts'
import { DecodeError } from '../telemetry/protobuf/cursor.ts'
import type { Signal } from '../telemetry/signal.ts'
import type { TelemetryTables } from '../telemetry/tables.ts'
import { Admission } from './admission.ts'
import { Assembly } from './assembly.ts'
import { ReceiverCounters, type Transport } from './counters.ts'
import { encodeJsonRequest } from './json/encode.ts'
import { JsonError } from './json/scalar.ts'
import { hasTooManyValues, MAX_VALUES } from './json/size.ts'
import { Pace } from './pace.ts'
import { RecentRequests } from './recent-requests.ts'
import { Refusal } from './refusal.ts'
import { decodeLogs } from './wire/logs.ts'
import { decodeMetrics } from './wire/metrics.ts'
import type { Rejections } from './wire/rejections.ts'
import { decodeTraces } from './wire/traces.ts'

/** Rows up to which columns are kept for the next request; a rare giant does not hold its memory for ever. */
const KEPT_ROWS = 65_536

export interface IntakeOptions {
  readonly tables: TelemetryTables
  readonly sink: TelemetrySink
  readonly forward: TelemetryForward | undefined
  readonly registry: Registry
  readonly clock: Clock
  readonly maxInFlight: number
  /** Longest that a request may wait for its answer while the thread is busy, ms; left out: any time. */
  readonly maxWaitMs?: number
  readonly maxClockSkewMs: number
  /** For so long the same log records in the same bytes are a request that was sent again. */
  readonly repeatWindowMs: number
}

/** Records received since the start, and when the last came. */
export interface Received {
  count: number
  lastMs: number | undefined
}

/** What both transports do with the bytes of a request: decode, hand on, forward, count. Synchronous. */
export class Intake {
  readonly admission: Admission
  readonly counters: ReceiverCounters
  /** Forwarders keep the bytes of a request beyond the call that takes it. */
  readonly assembly: Assembly
  readonly received: Readonly<Record<Signal, Received>> = {
    traces: { count: 0, lastMs: undefined },
    metrics: { count: 0, lastMs: undefined },
    logs: { count: 0, lastMs: undefined },
  }
  private readonly options: IntakeOptions
  private readonly recentLogs: RecentRequests
  private spans: SpanColumns
  private points: MetricColumns
  private records: LogColumns

  constructor(options: IntakeOptions) {
    const { tables } = options
    this.options = options
    this.recentLogs = new RecentRequests(options.repeatWindowMs)
    this.assembly = new Assembly(options.forward !== undefined && options.forward.wanted !== false)
    const { maxInFlight, maxWaitMs } = options
    this.admission = new Admission(maxInFlight, maxWaitMs === undefined ? undefined : new Pace(maxWaitMs))
    this.counters = new ReceiverCounters(options.registry, this.admission)
    this.spans = new SpanColumns(tables.strings)
    this.points = new MetricColumns(tables.strings, tables.attributeSets.sets)
    this.records = new LogColumns(tables.strings)
  }

  /** Takes a protobuf request. When it returns, the request may be acknowledged. Throws Refusal. */
  protobuf(signal: Signal, bytes: Uint8Array, transport: Transport): Rejections {
    return this.take(signal, bytes, transport)
  }

  /** Takes a JSON request. Throws Refusal. */
  json(signal: Signal, document: Uint8Array, transport: Transport): Rejections {
    return this.take(signal, encodeDocument(signal, document), transport, document)
  }

  private take(signal: Signal, bytes: Uint8Array, transport: Transport, json?: Uint8Array): Rejections {
    const arrivalMs = this.options.clock()
    const rejections = this.decode(signal, bytes, arrivalMs)
    const accepted = this.handOn(signal, bytes, arrivalMs)
    if (bytes.length > 0) this.options.forward?.forward({ signal, protobuf: bytes, json })
    this.counters.taken(signal, transport, (json ?? bytes).length, accepted, rejections)
    const received = this.received[signal]
    received.count += accepted
    received.lastMs = arrivalMs
    return rejections
  }

  private decode(signal: Signal, bytes: Uint8Array, arrivalMs: number): Rejections {
    const { tables } = this.options
    try {
      if (signal === 'traces') return decodeTraces(bytes, tables, this.spans)
      if (signal === 'metrics') return decodeMetrics(bytes, tables, this.points)
      return decodeLogs(bytes, tables, this.records, arrivalMs)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      throw new Refusal('malformed', `not an OTLP ${signal} request: ${error.message}`, { cause: error })
    }
  }

  private handOn(signal: Signal, bytes: Uint8Array, arrivalMs: number): number {
    const { sink, tables } = this.options
    if (signal === 'traces') {
      const { spans } = this
      this.countSkew(signal, spans.startMs, spans.length, arrivalMs)
      if (spans.length > 0) sink.spans(spans, arrivalMs)
      if (spans.trace0.length > KEPT_ROWS) this.spans = new SpanColumns(tables.strings)
      return spans.length
    }
    if (signal === 'metrics') {
      const { points } = this
      this.countSkew(signal, points.timeMs, points.length, arrivalMs)
      if (points.length > 0) sink.metrics(points, arrivalMs)
      if (points.name.length > KEPT_ROWS || points.bounds.length > KEPT_ROWS) {
        this.points = new MetricColumns(tables.strings, tables.attributeSets.sets)
      }
      return points.length
    }
    const { records } = this
    this.countSkew(signal, records.timeMs, records.length, arrivalMs)
    if (this.isRepeat(bytes, arrivalMs)) this.counters.repeated(records.length)
    else if (records.length > 0) sink.logs(records, arrivalMs)
    records.bytes = new Uint8Array(0)
    if (records.timeMs.length > KEPT_ROWS) this.records = new LogColumns(tables.strings)
    return records.length
  }

  /**
   * Spans are told apart by their ids and points by their times; log records have neither. Records without a time may be the
   * same and yet two: those are all taken.
   */
  private isRepeat(bytes: Uint8Array, arrivalMs: number): boolean {
    const { length, timeMs } = this.records
    if (length === 0 || !this.recentLogs.came(bytes, arrivalMs)) return false
    for (let row = 0; row < length; row++) if (timeMs[row] === arrivalMs) return false
    return true
  }

  private countSkew(signal: Signal, times: Float64Array, rows: number, arrivalMs: number): void {
    const { maxClockSkewMs } = this.options
    const low = arrivalMs - maxClockSkewMs
    const high = arrivalMs + maxClockSkewMs
    let past = 0
    let future = 0
    for (let row = 0; row < rows; row++) {
      if (times[row]! > high) future++
      else if (times[row]! < low) past++
    }
    if (future > 0) this.counters.skewed(signal, 'future', future)
    if (past > 0) this.counters.skewed(signal, 'past', past)
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function encodeDocument(signal: Signal, document: Uint8Array): Uint8Array {
  if (hasTooManyValues(document)) {
    throw new Refusal('too_large', `the JSON document is over the limit of ${MAX_VALUES} values`)
  }
  try {
    return encodeJsonRequest(signal, JSON.parse(utf8.decode(document)))
  } catch (error) {
    if (error instanceof JsonError || error instanceof SyntaxError) {
      throw new Refusal('malformed', `not an OTLP/JSON ${signal} request: ${error.message}`, { cause: error })
    }
    if (error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      throw new Refusal('malformed', 'the JSON document is not UTF-8', { cause: error })
    }
    throw error
  }
}
