import { adjustedCount } from '../../telemetry/adjusted-count.ts'
import type { SpanColumns } from '../../telemetry/columns.ts'
import type { Cursor } from '../../telemetry/protobuf/cursor.ts'
import type { StringTable } from '../../telemetry/strings.ts'
import type { TelemetryTables } from '../../telemetry/tables.ts'
import { readRequest } from './envelope.ts'
import { ExceptionAttributes } from './exception-attributes.ts'
import { MAX_RECORDS, type Reason, Rejections } from './rejections.ts'
import { SpanNames } from './span-names.ts'
import { SpanSlots } from './span-slots.ts'

const WORD = 2 ** 32
const NONE = new Uint8Array(0)
/** Of the room for strings: some instrumentations name spans by what they are called with. */
const SPAN_NAMES = 0.5
/** trace_id, span_id, trace_state, parent_span_id, name, kind, start, end, attributes, events, links, status. */
const KNOWN = 0b1010_1011_1111_1110

/**
 * Decodes an ExportTraceServiceRequest into `batch`, which is reset first. Throws DecodeError for bytes that are no such
 * message; returns the spans that were not taken. Fields not in use (other attributes) are stepped
 * over by their length and not validated.
 */
export function decodeTraces(bytes: Uint8Array, tables: TelemetryTables, batch: SpanColumns): Rejections {
  batch.reset()
  const reader = new SpanReader(batch, scratchOf(tables.strings))
  readRequest(bytes, tables, batch.resources, reader)
  batch.linkStart[batch.length] = batch.links
  // a request that nobody reads any more is let go
  batch.bytes = batch.events > 0 ? bytes : NONE
  return reader.rejections
}

/** What readers use again: its typed arrays cost more than a small request. */
interface Scratch {
  readonly names: SpanNames
  readonly slots: SpanSlots
}

const scratchByTable = new WeakMap<StringTable, Scratch>()

function scratchOf(strings: StringTable): Scratch {
  const known = scratchByTable.get(strings)
  if (known !== undefined) return known
  const scratch = { names: new SpanNames(strings), slots: new SpanSlots() }
  scratchByTable.set(strings, scratch)
  return scratch
}

class SpanReader {
  readonly rejections = new Rejections()
  private readonly columns: SpanColumns
  private readonly names: SpanNames
  private readonly slots: SpanSlots
  private readonly exception = new ExceptionAttributes()

  constructor(columns: SpanColumns, { names, slots }: Scratch) {
    this.columns = columns
    this.names = names
    this.slots = slots
  }

  record(cursor: Cursor, resource: number): void {
    const { columns, slots } = this
    const { bytes, view, end } = cursor
    const row = columns.length
    columns.reserve(row + 1)
    const firstLink = columns.links
    const firstEvent = columns.events
    let traceAt = -1
    let spanAt = -1
    let parentAt = -1
    let parentLength = 0
    let nameStart = 0
    let nameEnd = 0
    let kind = 0
    let status = 0
    let startLow = 0
    let startHigh = 0
    let endLow = 0
    let endHigh = 0
    let weight = 1
    slots.present = 0
    while (cursor.pos < end) {
      // Attributes are most of a request: those shorter than 128 bytes go without the cursor's steps.
      const at = cursor.pos
      const next = at + 2 + bytes[at + 1]!
      if (bytes[at] === 0x4a && bytes[at + 1]! < 0x80 && next <= end) {
        slots.read(cursor, at + 2, next)
        cursor.pos = next
        continue
      }
      const tag = cursor.tag()
      switch (tag) {
        case 0x0a: {
          const length = cursor.length()
          traceAt = length === 16 ? cursor.pos : -1
          cursor.pos += length
          break
        }
        case 0x12: {
          const length = cursor.length()
          spanAt = length === 8 ? cursor.pos : -1
          cursor.pos += length
          break
        }
        case 0x1a: {
          const length = cursor.length()
          weight = adjustedCount(bytes, cursor.pos, cursor.pos + length)
          cursor.pos += length
          break
        }
        case 0x22:
          parentLength = cursor.length()
          parentAt = cursor.pos
          cursor.pos += parentLength
          break
        case 0x2a: {
          const length = cursor.length()
          nameStart = cursor.pos
          cursor.pos = nameEnd = nameStart + length
          break
        }
        case 0x30:
          kind = cursor.varint()
          break
        case 0x39:
          cursor.fixed64()
          startLow = cursor.low
          startHigh = cursor.high
          break
        case 0x41:
          cursor.fixed64()
          endLow = cursor.low
          endHigh = cursor.high
          break
        case 0x4a: {
          const length = cursor.length()
          const next = cursor.pos + length
          slots.read(cursor, cursor.pos, next)
          cursor.pos = next
          break
        }
        case 0x5a:
          this.readEvent(cursor, row)
          break
        case 0x6a:
          this.readLink(cursor)
          break
        case 0x7a:
          status = readStatus(cursor)
          break
        default:
          cursor.skip(tag, KNOWN)
      }
    }
    const nanos = (endHigh - startHigh) * WORD + (endLow - startLow)
    let reason = invalidId(view, traceAt, spanAt, parentLength)
    if ((startLow | startHigh) === 0 || (endLow | endHigh) === 0) reason ??= 'zero_time'
    else if (nanos < 0) reason ??= 'negative_duration'
    if (row >= MAX_RECORDS) reason ??= 'too_many_records'
    if (reason !== undefined) {
      columns.links = firstLink
      columns.events = firstEvent
      this.rejections.add(reason)
      return
    }
    columns.resource[row] = resource
    columns.repeated[row] = 0
    columns.weight[row] = weight
    columns.trace0[row] = view.getUint32(traceAt)
    columns.trace1[row] = view.getUint32(traceAt + 4)
    columns.trace2[row] = view.getUint32(traceAt + 8)
    columns.trace3[row] = view.getUint32(traceAt + 12)
    columns.span0[row] = view.getUint32(spanAt)
    columns.span1[row] = view.getUint32(spanAt + 4)
    columns.parent0[row] = parentLength === 8 ? view.getUint32(parentAt) : 0
    columns.parent1[row] = parentLength === 8 ? view.getUint32(parentAt + 4) : 0
    columns.kind[row] = kind <= 5 ? kind : 0
    columns.status[row] = status <= 2 ? status : 0
    columns.startMs[row] = (startHigh * WORD + startLow) / 1e6
    columns.durationMs[row] = nanos / 1e6
    columns.name[row] = columns.strings.internBytes(bytes, nameStart, nameEnd, SPAN_NAMES)
    columns.linkStart[row] = firstLink
    columns.length = row + 1
    this.names.fill(columns, row, bytes, slots)
  }

  /** An event: what it says is the message of an exception, else its name. */
  private readEvent(cursor: Cursor, row: number): void {
    const { columns, exception } = this
    const outer = cursor.enter()
    let time = 0
    let start = 0
    let end = 0
    exception.reset()
    while (cursor.pos < cursor.end) {
      const tag = cursor.tag()
      if (tag === 0x09) time = cursor.unsigned64()
      else if (tag === 0x12) {
        const length = cursor.length()
        start = cursor.pos
        cursor.pos = end = start + length
      } else if (tag === 0x1a) {
        const length = cursor.length()
        exception.read(cursor, cursor.pos, cursor.pos + length)
      } else cursor.skip(tag, 0b1110)
    }
    cursor.leave(outer)
    const at = columns.events++
    columns.reserveEvents(columns.events)
    const message = exception.messageEnd > exception.messageStart
    columns.eventRow[at] = row
    columns.eventMs[at] = time / 1e6
    columns.eventException[at] = exception.type(columns.strings, cursor)
    columns.eventStart[at] = message ? exception.messageStart : start
    columns.eventEnd[at] = message ? exception.messageEnd : end
  }

  /** A link with an invalid id links nothing and is left out; its span counts all the same. */
  private readLink(cursor: Cursor): void {
    const outer = cursor.enter()
    let traceAt = -1
    let spanAt = -1
    while (cursor.pos < cursor.end) {
      const tag = cursor.tag()
      if (tag === 0x0a || tag === 0x12) {
        const length = cursor.length()
        if (tag === 0x0a) traceAt = length === 16 ? cursor.pos : -1
        else spanAt = length === 8 ? cursor.pos : -1
        cursor.pos += length
      } else cursor.skip(tag, 0b110)
    }
    cursor.leave(outer)
    if (traceAt < 0 || spanAt < 0) return
    const { columns } = this
    const { view } = cursor
    const at = columns.links++
    columns.reserveLinks(columns.links)
    columns.linkTrace0[at] = view.getUint32(traceAt)
    columns.linkTrace1[at] = view.getUint32(traceAt + 4)
    columns.linkTrace2[at] = view.getUint32(traceAt + 8)
    columns.linkTrace3[at] = view.getUint32(traceAt + 12)
    columns.linkSpan0[at] = view.getUint32(spanAt)
    columns.linkSpan1[at] = view.getUint32(spanAt + 4)
  }
}

function readStatus(cursor: Cursor): number {
  const outer = cursor.enter()
  let code = 0
  while (cursor.pos < cursor.end) {
    const tag = cursor.tag()
    if (tag === 0x18) code = cursor.varint()
    else cursor.skip(tag, 0b1000)
  }
  cursor.leave(outer)
  return code
}

function invalidId(
  view: DataView,
  traceAt: number,
  spanAt: number,
  parentLength: number,
): Reason | undefined {
  if (traceAt < 0 || isZero(view, traceAt, 16)) return 'invalid_trace_id'
  if (spanAt < 0 || isZero(view, spanAt, 8)) return 'invalid_span_id'
  return parentLength !== 0 && parentLength !== 8 ? 'invalid_parent_id' : undefined
}

function isZero(view: DataView, at: number, length: number): boolean {
  for (let i = 0; i < length; i += 4) if (view.getUint32(at + i) !== 0) return false
  return true
}
