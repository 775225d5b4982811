import { type Attributes, attributeMap } from './attributes.ts'
import type { LogBatch } from './batch.ts'
import { LogColumns } from './columns.ts'
import { spanWords, traceWords } from './ids.ts'
import { requestLocal } from './request-resources.ts'
import { EMPTY } from './strings.ts'
import type { TelemetryTables } from './tables.ts'

/** A log record as plain values. Ids in hex; time in milliseconds since the Unix epoch; severity is OTLP's SeverityNumber. */
export interface PlainLog {
  readonly resource: Attributes
  readonly timeMs: number
  readonly severity: number
  readonly body?: string
  /** Attribute `exception.type`. */
  readonly exceptionType?: string
  readonly traceId?: string
  readonly spanId?: string
}

/** Appends log records one by one to a batch. */
export class LogBatchBuilder {
  private readonly tables: Pick<TelemetryTables, 'strings' | 'resources'>
  private readonly columns: LogColumns
  private readonly encoder = new TextEncoder()
  private used = 0

  constructor(tables: Pick<TelemetryTables, 'strings' | 'resources'>) {
    this.tables = tables
    this.columns = new LogColumns(tables.strings)
  }

  get batch(): LogBatch {
    return this.columns
  }

  reset(): void {
    this.columns.reset()
    this.used = 0
  }

  /** Throws RangeError for ids that are not hex of their length. */
  add(log: PlainLog): this {
    const { columns, tables } = this
    const trace = log.traceId ? traceWords(log.traceId) : [0, 0, 0, 0]
    const span = log.spanId ? spanWords(log.spanId) : [0, 0]
    const row = columns.length
    columns.reserve(row + 1)
    columns.resource[row] = requestLocal(
      columns.resources,
      tables.resources.intern(attributeMap(log.resource)),
    )
    columns.timeMs[row] = log.timeMs
    columns.severity[row] = log.severity
    columns.trace0[row] = trace[0]!
    columns.trace1[row] = trace[1]!
    columns.trace2[row] = trace[2]!
    columns.trace3[row] = trace[3]!
    columns.span0[row] = span[0]!
    columns.span1[row] = span[1]!
    this.addBody(row, log.body)
    columns.exception[row] = log.exceptionType ? tables.strings.intern(log.exceptionType) : EMPTY
    columns.length++
    return this
  }

  private addBody(row: number, body: string | undefined): void {
    const { columns } = this
    columns.bodyStart[row] = 0
    columns.bodyEnd[row] = 0
    columns.bodyMap[row] = 0
    columns.template[row] = 0
    if (body === undefined) return
    const encoded = this.encoder.encode(body)
    if (this.used + encoded.length > columns.bytes.length) {
      const bytes = new Uint8Array(Math.max(columns.bytes.length * 2, this.used + encoded.length))
      bytes.set(columns.bytes.subarray(0, this.used))
      columns.bytes = bytes
    }
    columns.bytes.set(encoded, this.used)
    columns.bodyStart[row] = this.used
    this.used += encoded.length
    columns.bodyEnd[row] = this.used
  }
}
