import type { AttributeSet, LogBatch, MetricBatch, SpanBatch } from './batch.ts'
import type { Resource } from './resource.ts'
import type { StringTable } from './strings.ts'

type Column = Uint8Array | Uint32Array | Int32Array | Float32Array | Float64Array

const words = (length: number) => new Uint32Array(length)
const doubles = (length: number) => new Float64Array(length)

/** Replaces the named columns of `owner` by copies of the given length. */
function grow<Name extends string>(
  owner: Record<Name, Column>,
  names: readonly Name[],
  length: number,
): void {
  for (const name of names) {
    const old = owner[name]
    let larger: Column
    if (old instanceof Uint8Array) larger = new Uint8Array(length)
    else if (old instanceof Uint32Array) larger = words(length)
    else if (old instanceof Int32Array) larger = new Int32Array(length)
    else if (old instanceof Float32Array) larger = new Float32Array(length)
    else larger = doubles(length)
    larger.set(old)
    owner[name] = larger
  }
}

const larger = (capacity: number, needed: number) => Math.max(capacity * 2, needed)

/** A span batch that grows. `reserve` before writing row `length`, `reserveLinks` before writing link `links`, and so for events. */
export class SpanColumns implements SpanBatch {
  length = 0
  links = 0
  resources: Resource[] = []
  readonly strings: StringTable
  resource = words(1024)
  trace0 = words(1024)
  trace1 = words(1024)
  trace2 = words(1024)
  trace3 = words(1024)
  span0 = words(1024)
  span1 = words(1024)
  parent0 = words(1024)
  parent1 = words(1024)
  kind = new Uint8Array(1024)
  status = new Uint8Array(1024)
  startMs = doubles(1024)
  durationMs = doubles(1024)
  name = words(1024)
  failed = new Uint8Array(1024)
  repeated = new Uint8Array(1024)
  weight = new Float32Array(1024)
  peer = words(1024)
  peerKind = new Uint8Array(1024)
  address = words(1024)
  linkStart = words(1025)
  linkTrace0 = words(64)
  linkTrace1 = words(64)
  linkTrace2 = words(64)
  linkTrace3 = words(64)
  linkSpan0 = words(64)
  linkSpan1 = words(64)
  events = 0
  bytes: Uint8Array = new Uint8Array(0)
  eventRow = words(64)
  eventMs = doubles(64)
  eventException = words(64)
  eventStart = words(64)
  eventEnd = words(64)

  constructor(strings: StringTable) {
    this.strings = strings
  }

  reset(): void {
    this.length = 0
    this.links = 0
    this.events = 0
    this.resources.length = 0
  }

  reserve(rows: number): void {
    if (rows <= this.trace0.length) return
    const capacity = larger(this.trace0.length, rows)
    grow(this, SPAN_COLUMNS, capacity)
    grow(this, ['linkStart'], capacity + 1)
  }

  reserveLinks(links: number): void {
    if (links > this.linkTrace0.length) grow(this, LINK_COLUMNS, larger(this.linkTrace0.length, links))
  }

  reserveEvents(events: number): void {
    if (events > this.eventMs.length) grow(this, EVENT_COLUMNS, larger(this.eventMs.length, events))
  }
}

const SPAN_COLUMNS = [
  'resource',
  'trace0',
  'trace1',
  'trace2',
  'trace3',
  'span0',
  'span1',
  'parent0',
  'parent1',
  'kind',
  'status',
  'startMs',
  'durationMs',
  'name',
  'failed',
  'repeated',
  'weight',
  'peer',
  'peerKind',
  'address',
] as const
const LINK_COLUMNS = [
  'linkTrace0',
  'linkTrace1',
  'linkTrace2',
  'linkTrace3',
  'linkSpan0',
  'linkSpan1',
] as const
const EVENT_COLUMNS = ['eventRow', 'eventMs', 'eventException', 'eventStart', 'eventEnd'] as const

/** A metric batch that grows; `buckets` is the length in use of the bucket columns. */
export class MetricColumns implements MetricBatch {
  length = 0
  buckets = 0
  resources: Resource[] = []
  readonly strings: StringTable
  readonly attributeSets: readonly AttributeSet[]
  resource = words(256)
  name = words(256)
  unit = words(256)
  scope = words(256)
  kind = new Uint8Array(256)
  temporality = new Uint8Array(256)
  monotonic = new Uint8Array(256)
  stale = new Uint8Array(256)
  attributes = words(256)
  startMs = doubles(256)
  timeMs = doubles(256)
  value = doubles(256)
  count = doubles(256)
  bucketStart = words(256)
  bucketLength = words(256)
  bucketCounts = doubles(1024)
  bounds = doubles(1024)
  scale = new Int32Array(256)
  zeroCount = doubles(256)
  offset = new Int32Array(256)

  constructor(strings: StringTable, attributeSets: readonly AttributeSet[]) {
    this.strings = strings
    this.attributeSets = attributeSets
  }

  reset(): void {
    this.length = 0
    this.buckets = 0
    this.resources.length = 0
  }

  reserve(rows: number): void {
    if (rows > this.name.length) grow(this, METRIC_COLUMNS, larger(this.name.length, rows))
  }

  reserveBuckets(buckets: number): void {
    if (buckets > this.bounds.length) {
      grow(this, ['bucketCounts', 'bounds'], larger(this.bounds.length, buckets))
    }
  }
}

const METRIC_COLUMNS = [
  'resource',
  'name',
  'unit',
  'scope',
  'kind',
  'temporality',
  'monotonic',
  'stale',
  'attributes',
  'startMs',
  'timeMs',
  'value',
  'count',
  'bucketStart',
  'bucketLength',
  'scale',
  'zeroCount',
  'offset',
] as const

/** A log batch that grows; `bytes` is the request's own buffer, or the builder's. */
export class LogColumns implements LogBatch {
  length = 0
  resources: Resource[] = []
  readonly strings: StringTable
  resource = words(256)
  timeMs = doubles(256)
  severity = new Uint8Array(256)
  trace0 = words(256)
  trace1 = words(256)
  trace2 = words(256)
  trace3 = words(256)
  span0 = words(256)
  span1 = words(256)
  bytes: Uint8Array = new Uint8Array(0)
  bodyStart = words(256)
  bodyEnd = words(256)
  bodyMap = new Uint8Array(256)
  exception = words(256)
  template = words(256)

  constructor(strings: StringTable) {
    this.strings = strings
  }

  reset(): void {
    this.length = 0
    this.resources.length = 0
  }

  reserve(rows: number): void {
    if (rows > this.timeMs.length) grow(this, LOG_COLUMNS, larger(this.timeMs.length, rows))
  }
}

const LOG_COLUMNS = [
  'resource',
  'timeMs',
  'severity',
  'trace0',
  'trace1',
  'trace2',
  'trace3',
  'span0',
  'span1',
  'bodyStart',
  'bodyEnd',
  'bodyMap',
  'exception',
  'template',
] as const
