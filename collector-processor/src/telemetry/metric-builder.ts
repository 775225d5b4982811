import { type Attributes, attributeMap } from './attributes.ts'
import { type MetricBatch, MetricKind } from './batch.ts'
import { MetricColumns } from './columns.ts'
import { requestLocal } from './request-resources.ts'
import type { TelemetryTables } from './tables.ts'

/** A data point as plain values. Times in milliseconds since the Unix epoch; `startMs` 0 or left out = unset. */
export interface PlainPoint {
  readonly resource: Attributes
  readonly name: string
  readonly kind: keyof typeof MetricKind
  readonly timeMs: number
  readonly startMs?: number
  readonly unit?: string
  readonly scope?: string
  /** 1 delta, 2 cumulative. */
  readonly temporality?: number
  readonly monotonic?: boolean
  readonly stale?: boolean
  readonly attributes?: Attributes
  /** Gauge and sum: the value. Histograms and summaries: the sum. */
  readonly value?: number
  readonly count?: number
  /** Explicit histogram: one more count than bounds. Exponential histogram: positive buckets. */
  readonly bucketCounts?: readonly number[]
  readonly bounds?: readonly number[]
  readonly scale?: number
  readonly zeroCount?: number
  readonly offset?: number
}

/** Appends data points one by one to a batch. */
export class MetricBatchBuilder {
  private readonly tables: TelemetryTables
  private readonly columns: MetricColumns

  constructor(tables: TelemetryTables) {
    this.tables = tables
    this.columns = new MetricColumns(tables.strings, tables.attributeSets.sets)
  }

  get batch(): MetricBatch {
    return this.columns
  }

  reset(): void {
    this.columns.reset()
  }

  add(point: PlainPoint): this {
    const { columns, tables } = this
    const row = columns.length
    columns.reserve(row + 1)
    columns.resource[row] = requestLocal(
      columns.resources,
      tables.resources.intern(attributeMap(point.resource)),
    )
    columns.name[row] = tables.strings.intern(point.name)
    columns.unit[row] = tables.strings.intern(point.unit ?? '')
    columns.scope[row] = tables.strings.intern(point.scope ?? '')
    columns.kind[row] = MetricKind[point.kind]
    columns.temporality[row] = point.temporality ?? 0
    columns.monotonic[row] = point.monotonic ? 1 : 0
    columns.stale[row] = point.stale ? 1 : 0
    columns.attributes[row] = tables.attributeSets.intern(attributeMap(point.attributes ?? {})).id
    columns.startMs[row] = point.startMs ?? 0
    columns.timeMs[row] = point.timeMs
    columns.value[row] = point.stale ? Number.NaN : (point.value ?? Number.NaN)
    columns.count[row] = point.count ?? 0
    columns.scale[row] = point.scale ?? 0
    columns.zeroCount[row] = point.zeroCount ?? 0
    columns.offset[row] = point.offset ?? 0
    this.addBuckets(row, point)
    columns.length++
    return this
  }

  private addBuckets(row: number, { bucketCounts = [], bounds = [] }: PlainPoint): void {
    const { columns } = this
    const start = columns.buckets
    columns.buckets += bucketCounts.length
    columns.reserveBuckets(columns.buckets)
    columns.bucketStart[row] = start
    columns.bucketLength[row] = bucketCounts.length
    columns.bucketCounts.set(bucketCounts, start)
    columns.bounds.fill(Number.POSITIVE_INFINITY, start, columns.buckets)
    columns.bounds.set(bounds.slice(0, bucketCounts.length), start)
  }
}
