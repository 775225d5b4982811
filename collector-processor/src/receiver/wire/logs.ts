import type { LogColumns } from '../../telemetry/columns.ts'
import type { Cursor } from '../../telemetry/protobuf/cursor.ts'
import type { TelemetryTables } from '../../telemetry/tables.ts'
import { readRequest } from './envelope.ts'
import { ExceptionAttributes } from './exception-attributes.ts'
import { MAX_RECORDS, Rejections } from './rejections.ts'
import { severityOfText } from './severity.ts'

/** time, severity number and text, body, attributes, trace and span id, observed time. */
const KNOWN = 0b1110_0110_1110

/**
 * Decodes an ExportLogsServiceRequest into `batch`, which is reset first and keeps a view of `bytes`. Throws DecodeError;
 * returns the records that were not taken. A record without any time gets `arrivalMs`; one with an invalid id belongs to no
 * trace (both by logs.proto).
 */
export function decodeLogs(
  bytes: Uint8Array,
  tables: TelemetryTables,
  batch: LogColumns,
  arrivalMs: number,
): Rejections {
  batch.reset()
  const reader = new LogReader(batch, arrivalMs)
  readRequest(bytes, tables, batch.resources, reader)
  batch.bytes = bytes
  return reader.rejections
}

class LogReader {
  readonly rejections = new Rejections()
  private readonly columns: LogColumns
  private readonly arrivalMs: number
  private readonly exception = new ExceptionAttributes()

  constructor(columns: LogColumns, arrivalMs: number) {
    this.columns = columns
    this.arrivalMs = arrivalMs
  }

  record(cursor: Cursor, resource: number): void {
    const { columns, exception } = this
    const row = columns.length
    if (row >= MAX_RECORDS) {
      this.rejections.add('too_many_records')
      return
    }
    columns.reserve(row + 1)
    columns.resource[row] = resource
    columns.severity[row] = 0
    columns.bodyStart[row] = 0
    columns.bodyEnd[row] = 0
    columns.bodyMap[row] = 0
    exception.reset()
    let time = 0
    let observed = 0
    let severity = 0
    let severityText = ''
    let traceAt = -1
    let spanAt = -1
    while (cursor.pos < cursor.end) {
      const tag = cursor.tag()
      switch (tag) {
        case 0x09:
          time = cursor.unsigned64()
          break
        case 0x10:
          severity = cursor.varint()
          break
        case 0x1a:
          severityText = shortText(cursor)
          break
        case 0x2a:
          this.readBody(cursor, row)
          break
        case 0x32: {
          const length = cursor.length()
          exception.read(cursor, cursor.pos, cursor.pos + length)
          break
        }
        case 0x4a: {
          const length = cursor.length()
          traceAt = length === 16 ? cursor.pos : -1
          cursor.pos += length
          break
        }
        case 0x52: {
          const length = cursor.length()
          spanAt = length === 8 ? cursor.pos : -1
          cursor.pos += length
          break
        }
        case 0x59:
          observed = cursor.unsigned64()
          break
        default:
          cursor.skip(tag, KNOWN)
      }
    }
    const { view } = cursor
    columns.timeMs[row] = time !== 0 ? time / 1e6 : observed !== 0 ? observed / 1e6 : this.arrivalMs
    columns.severity[row] = severity >= 1 && severity <= 24 ? severity : severityOfText(severityText)
    columns.trace0[row] = traceAt < 0 ? 0 : view.getUint32(traceAt)
    columns.trace1[row] = traceAt < 0 ? 0 : view.getUint32(traceAt + 4)
    columns.trace2[row] = traceAt < 0 ? 0 : view.getUint32(traceAt + 8)
    columns.trace3[row] = traceAt < 0 ? 0 : view.getUint32(traceAt + 12)
    columns.span0[row] = spanAt < 0 ? 0 : view.getUint32(spanAt)
    columns.span1[row] = spanAt < 0 ? 0 : view.getUint32(spanAt + 4)
    columns.exception[row] = exception.type(columns.strings, cursor)
    if (columns.bodyEnd[row] === columns.bodyStart[row] && exception.messageEnd > exception.messageStart) {
      columns.bodyStart[row] = exception.messageStart
      columns.bodyEnd[row] = exception.messageEnd
    }
    columns.length = row + 1
  }

  private readBody(cursor: Cursor, row: number): void {
    const outer = cursor.enter()
    while (cursor.pos < cursor.end) {
      const tag = cursor.tag()
      if (tag === 0x0a || tag === 0x32) {
        const length = cursor.length()
        this.columns.bodyStart[row] = cursor.pos
        cursor.pos += length
        this.columns.bodyEnd[row] = cursor.pos
        this.columns.bodyMap[row] = tag === 0x32 ? 1 : 0
      } else cursor.skip(tag, 0b100_0010)
    }
    cursor.leave(outer)
  }
}

function shortText(cursor: Cursor): string {
  const length = cursor.length()
  const start = cursor.pos
  cursor.pos += length
  return String.fromCharCode(...cursor.bytes.subarray(start, start + Math.min(length, 16)))
}
