import { MetricKind } from '../../telemetry/batch.ts'
import type { MetricColumns } from '../../telemetry/columns.ts'
import type { Cursor } from '../../telemetry/protobuf/cursor.ts'
import type { TelemetryTables } from '../../telemetry/tables.ts'
import { readAttributes } from './any-value.ts'
import { appendCounts, appendPacked64, countCounts, type Packed } from './buckets.ts'
import {
  MAX_ATTRIBUTES,
  MAX_BUCKETS,
  MAX_POINT_BUCKETS,
  MAX_RECORDS,
  type Reason,
  Rejections,
} from './rejections.ts'

export interface MetricHeader {
  readonly resource: number
  readonly name: number
  readonly unit: number
  readonly scope: number
  readonly kind: number
}

const NO_RECORDED_VALUE = 1
const POINTS = 0x0a

/** Field numbers in use by kind: number and summary points, histogram points, exponential histogram points. */
const KNOWN_NUMBER = 0b1_1101_1100
const KNOWN_HISTOGRAM = 0b110_1111_1100
const KNOWN_EXPONENTIAL = 0b101_1111_1110

/** Reads the data points of a metric into rows. */
export class PointReader {
  readonly rejections = new Rejections()
  private readonly columns: MetricColumns
  private readonly tables: TelemetryTables
  // Of the point being read.
  private attributesStart = 0
  private attributesEnd = 0
  private scattered: Uint8Array[] = []
  private value = Number.NaN
  private hasValue = false
  private flags = 0
  private counts: Packed = { start: 0, length: 0 }
  private bounds: Packed = { start: 0, length: 0 }
  /** Buckets below zero, which are not kept. */
  private negative = 0

  constructor(columns: MetricColumns, tables: TelemetryTables) {
    this.columns = columns
    this.tables = tables
  }

  /** Reads a Gauge, Sum, Histogram, ExponentialHistogram or Summary: points are field 1, what they have in common follows them. */
  readData(cursor: Cursor, header: MetricHeader): void {
    const start = cursor.pos
    let temporality = 0
    let monotonic = 0
    while (cursor.pos < cursor.end) {
      const tag = cursor.tag()
      if (tag === 0x10) temporality = cursor.varint()
      else if (tag === 0x18) monotonic = cursor.varint()
      else cursor.skip(tag, tag === POINTS ? 0 : 0b1110)
    }
    cursor.pos = start
    while (cursor.pos < cursor.end) {
      const tag = cursor.tag()
      if (tag !== POINTS) {
        cursor.skip(tag, 0)
        continue
      }
      const outer = cursor.enter()
      this.readPoint(cursor, header, temporality <= 2 ? temporality : 0, monotonic === 0 ? 0 : 1)
      cursor.leave(outer)
    }
  }

  private readPoint(cursor: Cursor, header: MetricHeader, temporality: number, monotonic: number): void {
    const { columns } = this
    const row = columns.length
    columns.reserve(row + 1)
    columns.startMs[row] = 0
    columns.timeMs[row] = 0
    columns.count[row] = 0
    columns.scale[row] = 0
    columns.zeroCount[row] = 0
    columns.offset[row] = 0
    this.attributesStart = 0
    this.attributesEnd = 0
    this.scattered.length = 0
    this.value = Number.NaN
    this.hasValue = false
    this.flags = 0
    this.negative = 0
    const firstBucket = columns.buckets
    this.counts = { start: firstBucket, length: 0 }
    this.bounds = { start: firstBucket, length: 0 }
    const reason =
      this.readFields(cursor, header.kind, row) ?? this.fault(header.kind, row) ?? this.room(row, firstBucket)
    if (reason !== undefined) {
      columns.buckets = firstBucket
      this.rejections.add(reason)
      return
    }
    const stale = (this.flags & NO_RECORDED_VALUE) !== 0
    columns.resource[row] = header.resource
    columns.name[row] = header.name
    columns.unit[row] = header.unit
    columns.scope[row] = header.scope
    columns.kind[row] = header.kind
    columns.temporality[row] = temporality
    columns.monotonic[row] = monotonic
    columns.stale[row] = stale ? 1 : 0
    columns.value[row] = stale ? Number.NaN : this.value
    columns.bucketStart[row] = firstBucket
    columns.bucketLength[row] = this.counts.length
    columns.buckets = firstBucket + this.counts.length
    columns.attributes[row] = this.tables.readsMetric(header.name) ? this.attributes(cursor, header.kind) : 0
    columns.length = row + 1
  }

  private readFields(cursor: Cursor, kind: number, row: number): Reason | undefined {
    const { columns } = this
    const exponential = kind === MetricKind.exponentialHistogram
    const histogram = kind === MetricKind.histogram
    const attributesTag = exponential ? 0x0a : histogram ? 0x4a : 0x3a
    const flagsTag = exponential || histogram ? 0x50 : 0x40
    while (cursor.pos < cursor.end) {
      const at = cursor.pos
      const tag = cursor.tag()
      if (tag === attributesTag) this.readAttribute(cursor, at)
      else if (tag === flagsTag) this.flags = cursor.varint()
      else if (tag === 0x11) columns.startMs[row] = cursor.unsigned64() / 1e6
      else if (tag === 0x19) columns.timeMs[row] = cursor.unsigned64() / 1e6
      else if (histogram) this.readHistogramField(cursor, tag, row)
      else if (exponential) this.readExponentialField(cursor, tag, row)
      else this.readNumberField(cursor, tag, kind, row)
      if (this.hasTooManyBuckets()) return 'too_many_buckets'
    }
    return undefined
  }

  private hasTooManyBuckets(): boolean {
    const { columns, counts, bounds, negative } = this
    if (counts.length + negative > MAX_POINT_BUCKETS || bounds.length > MAX_POINT_BUCKETS) return true
    return columns.buckets + counts.length > MAX_BUCKETS
  }

  private readNumberField(cursor: Cursor, tag: number, kind: number, row: number): void {
    if (kind === MetricKind.summary) {
      if (tag === 0x21) this.columns.count[row] = cursor.unsigned64()
      else if (tag === 0x29) this.setValue(cursor.double())
      else cursor.skip(tag, KNOWN_NUMBER & ~0b100_0000)
    } else if (tag === 0x21) this.setValue(cursor.double())
    else if (tag === 0x31) this.setValue(cursor.signed64())
    else cursor.skip(tag, KNOWN_NUMBER)
  }

  private readHistogramField(cursor: Cursor, tag: number, row: number): void {
    const { columns } = this
    if (tag === 0x21) columns.count[row] = cursor.unsigned64()
    else if (tag === 0x29) this.setValue(cursor.double())
    else if (tag === 0x32 || tag === 0x31) {
      appendPacked64(cursor, tag, columns, 'bucketCounts', this.counts)
    } else if (tag === 0x3a || tag === 0x39) appendPacked64(cursor, tag, columns, 'bounds', this.bounds)
    else cursor.skip(tag, KNOWN_HISTOGRAM)
  }

  private readExponentialField(cursor: Cursor, tag: number, row: number): void {
    const { columns } = this
    if (tag === 0x21) columns.count[row] = cursor.unsigned64()
    else if (tag === 0x29) this.setValue(cursor.double())
    else if (tag === 0x30) columns.scale[row] = cursor.zigzag()
    else if (tag === 0x39) columns.zeroCount[row] = cursor.unsigned64()
    else if (tag === 0x42) this.readPositive(cursor, row)
    else if (tag === 0x4a) this.readNegative(cursor)
    else cursor.skip(tag, KNOWN_EXPONENTIAL)
  }

  private readPositive(cursor: Cursor, row: number): void {
    const outer = cursor.enter()
    while (cursor.pos < cursor.end) {
      const tag = cursor.tag()
      if (tag === 0x08) this.columns.offset[row] = cursor.zigzag()
      else if (tag === 0x12 || tag === 0x10) appendCounts(cursor, tag, this.columns, this.counts)
      else cursor.skip(tag, 0b110)
    }
    cursor.leave(outer)
  }

  private readNegative(cursor: Cursor): void {
    const outer = cursor.enter()
    while (cursor.pos < cursor.end) {
      const tag = cursor.tag()
      if (tag === 0x12 || tag === 0x10) this.negative += countCounts(cursor, tag)
      else cursor.skip(tag, 0b100)
    }
    cursor.leave(outer)
  }

  private setValue(value: number): void {
    this.value = value
    this.hasValue = true
  }

  /** Attributes nearly always lie side by side; when they do not, their pieces are put together. */
  private readAttribute(cursor: Cursor, at: number): void {
    const length = cursor.length()
    cursor.pos += length
    if (this.attributesEnd === 0) this.attributesStart = at
    else if (this.attributesEnd !== at) {
      if (this.scattered.length >= MAX_ATTRIBUTES) cursor.fail('attributes in too many pieces')
      this.scattered.push(cursor.bytes.subarray(this.attributesStart, this.attributesEnd))
      this.attributesStart = at
    }
    this.attributesEnd = cursor.pos
  }

  private attributes(cursor: Cursor, kind: number): number {
    const field = kind === MetricKind.exponentialHistogram ? 1 : kind === MetricKind.histogram ? 9 : 7
    const { attributesStart: start, attributesEnd: end } = this
    let { bytes } = cursor
    if (this.scattered.length === 0) {
      return this.tables.attributeSets.internBytes(bytes, start, end, () =>
        readAttributes(bytes, start, end, field),
      ).id
    }
    const merged = new Uint8Array(Buffer.concat([...this.scattered, bytes.subarray(start, end)]))
    bytes = merged
    return this.tables.attributeSets.internBytes(merged, 0, merged.length, () =>
      readAttributes(merged, 0, merged.length, field),
    ).id
  }

  private fault(kind: number, row: number): Reason | undefined {
    const { columns } = this
    if (columns.timeMs[row] === 0) return 'zero_time'
    if ((this.flags & NO_RECORDED_VALUE) !== 0) return undefined
    if (this.hasValue && !Number.isFinite(this.value)) return 'not_finite'
    if (!this.hasValue && (kind === MetricKind.gauge || kind === MetricKind.sum)) return 'no_value'
    return kind === MetricKind.histogram ? this.bucketFault() : undefined
  }

  /** An explicit histogram has one more count than bounds, or neither; bounds are finite and rise. */
  private bucketFault(): Reason | undefined {
    const { columns, counts, bounds } = this
    if (counts.length === 0 && bounds.length === 0) return undefined
    if (counts.length !== bounds.length + 1) return 'invalid_buckets'
    let last = Number.NEGATIVE_INFINITY
    for (let i = bounds.start; i < bounds.start + bounds.length; i++) {
      const bound = columns.bounds[i]!
      if (!(bound > last) || bound === Number.POSITIVE_INFINITY) return 'invalid_buckets'
      last = bound
    }
    columns.bounds[bounds.start + bounds.length] = Number.POSITIVE_INFINITY
    return undefined
  }

  private room(row: number, firstBucket: number): Reason | undefined {
    if (row >= MAX_RECORDS) return 'too_many_records'
    return firstBucket + this.counts.length > MAX_BUCKETS ? 'too_many_buckets' : undefined
  }
}
