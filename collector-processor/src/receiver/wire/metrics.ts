import { MetricKind } from '../../telemetry/batch.ts'
import type { MetricColumns } from '../../telemetry/columns.ts'
import type { Cursor } from '../../telemetry/protobuf/cursor.ts'
import type { TelemetryTables } from '../../telemetry/tables.ts'
import { readRequest } from './envelope.ts'
import { PointReader } from './point.ts'
import type { Rejections } from './rejections.ts'

/** Of the room for strings; the names that are read have their places from the start. */
const METRIC_NAMES = 0.75
/** name, unit, gauge, sum, histogram, exponential histogram, summary. */
const KNOWN = 0b1110_1010_1010
const KIND_OF_TAG: Readonly<Record<number, number>> = {
  42: MetricKind.gauge,
  58: MetricKind.sum,
  74: MetricKind.histogram,
  82: MetricKind.exponentialHistogram,
  90: MetricKind.summary,
}

/**
 * Decodes an ExportMetricsServiceRequest into `batch`, which is reset first: a row for each data point. Throws DecodeError;
 * returns the points that were not taken. Exemplars, minimum, maximum, negative buckets and quantiles of summaries are not
 * read.
 */
export function decodeMetrics(bytes: Uint8Array, tables: TelemetryTables, batch: MetricColumns): Rejections {
  batch.reset()
  const reader = new MetricReader(batch, tables)
  readRequest(bytes, tables, batch.resources, reader)
  return reader.points.rejections
}

class MetricReader {
  readonly points: PointReader
  private readonly tables: TelemetryTables
  private scopeName = 0

  constructor(columns: MetricColumns, tables: TelemetryTables) {
    this.tables = tables
    this.points = new PointReader(columns, tables)
  }

  scope(cursor: Cursor, start: number, end: number): void {
    this.scopeName = this.tables.strings.internBytes(cursor.bytes, start, end, METRIC_NAMES)
  }

  /** The points may come before the name: their place is kept until the metric is read to its end. */
  record(cursor: Cursor, resource: number): void {
    const { strings } = this.tables
    let name = 0
    let unit = 0
    let kind = 0
    let start = 0
    let end = 0
    while (cursor.pos < cursor.end) {
      const tag = cursor.tag()
      const tagged = KIND_OF_TAG[tag]
      if (tagged === undefined && tag !== 0x0a && tag !== 0x1a) {
        cursor.skip(tag, KNOWN)
        continue
      }
      const length = cursor.length()
      const { bytes, pos } = cursor
      cursor.pos += length
      if (tag === 0x0a) name = strings.internBytes(bytes, pos, pos + length, METRIC_NAMES)
      else if (tag === 0x1a) unit = strings.internBytes(bytes, pos, pos + length, METRIC_NAMES)
      else if (tagged !== undefined) {
        kind = tagged
        start = pos
        end = pos + length
      }
    }
    if (kind === 0) return
    const outer = cursor.end
    cursor.pos = start
    cursor.end = end
    this.points.readData(cursor, { resource, name, unit, scope: this.scopeName, kind })
    cursor.end = outer
    cursor.pos = outer
  }
}
