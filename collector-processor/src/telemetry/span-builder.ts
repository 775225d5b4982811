import { adjustedCount } from './adjusted-count.ts'
import { type Attributes, attributeMap } from './attributes.ts'
import { PeerKind, type SpanBatch, StatusCode } from './batch.ts'
import { SpanColumns } from './columns.ts'
import { spanWords, traceWords } from './ids.ts'
import { requestLocal } from './request-resources.ts'
import {
  addressSlot,
  httpFailed,
  isPort,
  needsPort,
  numberOf,
  peerKind,
  peerSlot,
  portSlot,
  rpcFailed,
  rpcStatusCode,
  SLOT_OF_KEY,
  SLOTS,
  Slot,
} from './span-attributes.ts'
import { EMPTY } from './strings.ts'
import type { TelemetryTables } from './tables.ts'

/** A span as plain values. Ids in hex; times in milliseconds since the Unix epoch. */
export interface PlainSpan {
  readonly resource: Attributes
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  /** W3C tracestate: how it was sampled. */
  readonly traceState?: string
  readonly name: string
  readonly kind: number
  readonly status?: number
  readonly startMs: number
  readonly durationMs: number
  readonly attributes?: Attributes
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly events?: readonly PlainEvent[]
}

/** An event of a span, such as an exception. */
export interface PlainEvent {
  readonly timeMs: number
  readonly name: string
  readonly attributes?: Attributes
}

/** Appends spans one by one to a batch, with the meaning of attributes that the OTLP decoder gives them. */
export class SpanBatchBuilder {
  private readonly tables: Pick<TelemetryTables, 'strings' | 'resources'>
  private readonly columns: SpanColumns
  private readonly encoder = new TextEncoder()
  private used = 0

  constructor(tables: Pick<TelemetryTables, 'strings' | 'resources'>) {
    this.tables = tables
    this.columns = new SpanColumns(tables.strings)
  }

  get batch(): SpanBatch {
    return this.columns
  }

  reset(): void {
    this.columns.reset()
    this.used = 0
  }

  /** Throws RangeError for ids that are not hex of their length. */
  add(span: PlainSpan): this {
    const { columns, tables } = this
    const trace = traceWords(span.traceId)
    const id = spanWords(span.spanId)
    const parent = span.parentSpanId ? spanWords(span.parentSpanId) : [0, 0]
    const links = (span.links ?? []).map(
      (link) => [traceWords(link.traceId), spanWords(link.spanId)] as const,
    )
    const row = columns.length
    columns.reserve(row + 1)
    columns.resource[row] = requestLocal(
      columns.resources,
      tables.resources.intern(attributeMap(span.resource)),
    )
    columns.trace0[row] = trace[0]!
    columns.trace1[row] = trace[1]!
    columns.trace2[row] = trace[2]!
    columns.trace3[row] = trace[3]!
    columns.span0[row] = id[0]!
    columns.span1[row] = id[1]!
    columns.parent0[row] = parent[0]!
    columns.parent1[row] = parent[1]!
    columns.kind[row] = span.kind
    columns.status[row] = span.status ?? StatusCode.unset
    columns.startMs[row] = span.startMs
    columns.durationMs[row] = span.durationMs
    columns.weight[row] = span.traceState ? countOf(span.traceState) : 1
    columns.name[row] = tables.strings.intern(span.name)
    this.readAttributes(row, span)
    columns.linkStart[row] = columns.links
    for (const link of links) this.addLink(...link)
    columns.linkStart[row + 1] = columns.links
    for (const event of span.events ?? []) this.addEvent(row, event)
    columns.length++
    return this
  }

  private addLink(trace: Uint32Array, span: Uint32Array): void {
    const { columns } = this
    const at = columns.links++
    columns.reserveLinks(columns.links)
    columns.linkTrace0[at] = trace[0]!
    columns.linkTrace1[at] = trace[1]!
    columns.linkTrace2[at] = trace[2]!
    columns.linkTrace3[at] = trace[3]!
    columns.linkSpan0[at] = span[0]!
    columns.linkSpan1[at] = span[1]!
  }

  private addEvent(row: number, { timeMs, name, attributes = {} }: PlainEvent): void {
    const { columns, tables } = this
    const text = this.encoder.encode(String(attributes['exception.message'] || name))
    if (this.used + text.length > columns.bytes.length) {
      const bytes = new Uint8Array(Math.max(columns.bytes.length * 2, this.used + text.length))
      bytes.set(columns.bytes.subarray(0, this.used))
      columns.bytes = bytes
    }
    columns.bytes.set(text, this.used)
    const at = columns.events++
    columns.reserveEvents(columns.events)
    columns.eventRow[at] = row
    columns.eventMs[at] = timeMs
    columns.eventException[at] = tables.strings.intern(String(attributes['exception.type'] ?? ''))
    columns.eventStart[at] = this.used
    this.used += text.length
    columns.eventEnd[at] = this.used
  }

  private readAttributes(row: number, { kind, attributes = {} }: PlainSpan): void {
    const { columns, tables } = this
    const slots = new Array<string>(SLOTS).fill('')
    let present = 0
    for (const [key, value] of Object.entries(attributes)) {
      const slot = SLOT_OF_KEY.get(key)
      if (slot === undefined || value === '') continue
      slots[slot] = String(value)
      present |= 1 << slot
    }
    const failed =
      slots[Slot.errorType] !== '' ||
      httpFailed(numberOf(slots[Slot.httpStatus]!)) ||
      (slots[Slot.grpcStatus] !== '' && rpcFailed(kind, numberOf(slots[Slot.grpcStatus]!))) ||
      rpcFailed(kind, rpcStatusCode(slots[Slot.rpcStatus]!))
    const peer = peerKind(kind, present)
    const named = peer === 0 ? -1 : peerSlot(peer, present)
    const address = peer === PeerKind.none ? -1 : addressSlot(present)
    columns.failed[row] = failed ? 1 : 0
    columns.repeated[row] = 0
    columns.peer[row] = named < 0 ? EMPTY : tables.strings.intern(peerName(slots, named))
    columns.peerKind[row] = named < 0 ? 0 : peer
    columns.address[row] = address < 0 ? EMPTY : tables.strings.intern(withPort(slots, address))
  }
}

function countOf(traceState: string): number {
  const bytes = new TextEncoder().encode(traceState)
  return adjustedCount(bytes, 0, bytes.length)
}

function peerName(slots: readonly string[], slot: number): string {
  const name = slots[slot]!
  return portSlot(slot) >= 0 && needsPort(name) ? withPort(slots, slot) : name
}

function withPort(slots: readonly string[], address: number): string {
  const port = numberOf(slots[portSlot(address)]!)
  return isPort(port) ? `${slots[address]}:${port}` : slots[address]!
}
