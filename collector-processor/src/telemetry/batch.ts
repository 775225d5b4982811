import type { Resource } from './resource.ts'
import type { StringTable } from './strings.ts'

/**
 * Decoded telemetry as columns. A batch belongs to its receiver and is reused for the next request: it is valid during
 * the synchronous call that hands it on, and who keeps anything copies it. Rows are 0 … length-1; columns may be longer.
 * Times are milliseconds since the Unix epoch as doubles (about 0.25 µs fine); durations are exact differences.
 * Ids are four (trace) or two (span) 32-bit words in the order of their bytes, big-endian; all zero = absent.
 */
export interface SpanBatch {
  length: number
  readonly strings: StringTable
  /** Request-local table; `resource[row]` is an index into it. */
  readonly resources: readonly Resource[]
  resource: Uint32Array
  trace0: Uint32Array
  trace1: Uint32Array
  trace2: Uint32Array
  trace3: Uint32Array
  span0: Uint32Array
  span1: Uint32Array
  parent0: Uint32Array
  parent1: Uint32Array
  /** OTLP SpanKind: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: Uint8Array
  /** OTLP StatusCode: 0 unset, 1 ok, 2 error. */
  status: Uint8Array
  startMs: Float64Array
  durationMs: Float64Array
  /** String id of the span's name. */
  name: Uint32Array
  /** 1 when `error.type` is set or the HTTP/gRPC status code says failure, whatever `status` says. */
  failed: Uint8Array
  /** Set to 1 by the causal graph for a span that came before, as in a retry: who comes after it counts it no more. */
  repeated: Uint8Array
  /** How many spans this one stands for: the adjusted count of its sampling, at least 1. */
  weight: Float32Array
  /** String id of the peer of a CLIENT or PRODUCER span that no span of ours may stand for; EMPTY when it names none. */
  peer: Uint32Array
  /** PeerKind of `peer`. */
  peerKind: Uint8Array
  /** String id of `server.address[:server.port]` (or net.peer.*) of a CLIENT or PRODUCER span: what a known service may be recognised by. */
  address: Uint32Array
  /** Links of row r are linkStart[r] … linkStart[r+1]-1 in the link columns. */
  linkStart: Uint32Array
  linkTrace0: Uint32Array
  linkTrace1: Uint32Array
  linkTrace2: Uint32Array
  linkTrace3: Uint32Array
  linkSpan0: Uint32Array
  linkSpan1: Uint32Array
  /** Events of spans, of which `events` are in use: the row of the span and the time. */
  readonly events: number
  eventRow: Uint32Array
  eventMs: Float64Array
  /** String id of `exception.type`; EMPTY when it has none. */
  eventException: Uint32Array
  /** What the event says, `exception.message` or else its name, is UTF-8 in bytes[eventStart … eventEnd-1]. */
  bytes: Uint8Array
  eventStart: Uint32Array
  eventEnd: Uint32Array
}

export const SpanKind = {
  unspecified: 0,
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
} as const
export const StatusCode = { unset: 0, ok: 1, error: 2 } as const
export const PeerKind = { none: 0, database: 1, messaging: 2, peer: 3 } as const

/** Attributes of a data point as a set with a dense id: the same attributes give the same object. Bounded like strings. */
export interface AttributeSet {
  readonly id: number
  readonly values: ReadonlyMap<string, string>
}

/** One row per data point (a histogram point is one row). */
export interface MetricBatch {
  length: number
  readonly strings: StringTable
  readonly resources: readonly Resource[]
  readonly attributeSets: readonly AttributeSet[]
  resource: Uint32Array
  /** String id of the metric's name. */
  name: Uint32Array
  /** String id of the metric's unit (UCUM). */
  unit: Uint32Array
  /** String id of the instrumentation scope's name. */
  scope: Uint32Array
  /** MetricKind. */
  kind: Uint8Array
  /** OTLP AggregationTemporality: 0 unspecified, 1 delta, 2 cumulative. */
  temporality: Uint8Array
  monotonic: Uint8Array
  /** 1 when NO_RECORDED_VALUE is set (a stale marker; `value` is NaN). */
  stale: Uint8Array
  /** Index into `attributeSets`. */
  attributes: Uint32Array
  /** start_time_unix_nano; 0 when unset. */
  startMs: Float64Array
  timeMs: Float64Array
  /** Gauge and sum: the value. Histograms: the sum (NaN when unset). */
  value: Float64Array
  /** Histograms: the count of observations. */
  count: Float64Array
  /** Explicit histogram: bounds of row r are bounds[bucketStart[r]+i], i < bucketLength[r]-1, its counts bucketCounts[bucketStart[r]+i]. */
  bucketStart: Uint32Array
  bucketLength: Uint32Array
  bucketCounts: Float64Array
  bounds: Float64Array
  /** Exponential histogram: scale, zero count, and the index of the first positive bucket; counts as above (positive ones only). */
  scale: Int32Array
  zeroCount: Float64Array
  offset: Int32Array
}

export const MetricKind = { gauge: 1, sum: 2, histogram: 3, exponentialHistogram: 4, summary: 5 } as const

export interface LogBatch {
  length: number
  readonly strings: StringTable
  readonly resources: readonly Resource[]
  resource: Uint32Array
  /** time_unix_nano, else observed_time_unix_nano. */
  timeMs: Float64Array
  /** OTLP SeverityNumber, 0 … 24; made from severity_text when the number is unset. */
  severity: Uint8Array
  trace0: Uint32Array
  trace1: Uint32Array
  trace2: Uint32Array
  trace3: Uint32Array
  span0: Uint32Array
  span1: Uint32Array
  /**
   * The body of row r is bytes[bodyStart[r] … bodyEnd[r]-1]: UTF-8, or OTLP's KeyValueList where bodyMap[r] is 1. Without a body it
   * is `exception.message`, if there is one; else both are 0.
   */
  bytes: Uint8Array
  bodyStart: Uint32Array
  bodyEnd: Uint32Array
  bodyMap: Uint8Array
  /** String id of the attribute `exception.type`; EMPTY when it has none. */
  exception: Uint32Array
  /** Number of the record's template, set by log mining for who comes after it; 0 when it has none. */
  template: Uint32Array
}

/**
 * Where decoded telemetry goes. Calls are synchronous; when one returns, the batch has been handed on and may be
 * acknowledged and reused. `arrivalMs` is the clock at the arrival of the request.
 */
export interface TelemetrySink {
  spans(batch: SpanBatch, arrivalMs: number): void
  metrics(batch: MetricBatch, arrivalMs: number): void
  logs(batch: LogBatch, arrivalMs: number): void
}
