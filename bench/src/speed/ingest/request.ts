export const SERVICES = 20
const TRACES = 25
/** Spans in one request: each trace is a chain through all services, a server and a client span in each. */
export const SPANS = SERVICES * 2 * TRACES

/** Placeholders that are found again in the encoded request, to be filled before each send. */
const ID = 0xa5c3f10e
const LATE_ID = 0x95d7b32c
const START = 0xb6d4e21f
const END = 0xc7e5d32f
/** Compressed flag and length before a gRPC message. */
const PREFIX = 5

/**
 * An ExportTraceServiceRequest of 1,000 spans with 10 attributes each, about 450 bytes a span. `next` gives it fresh ids and
 * times in place. Spans of odd services come one request later than those of even ones, so that every call's client and server
 * span are in different requests, as they are where each service exports its own.
 */
export class TraceRequest {
  /** The message with the prefix that gRPC wants. */
  readonly framed: Buffer
  readonly bytes: Buffer
  private readonly view: DataView
  private readonly ids: readonly number[]
  private readonly lateIds: readonly number[]
  private readonly starts: readonly number[]
  private readonly ends: readonly number[]
  private last: number

  /** @param counter as for `next`, for the late spans of the first request @param nameOf what each service is called */
  constructor(counter: number, nameOf = (service: number) => `service-${service}`) {
    const message = encodeRequest(nameOf)
    this.framed = Buffer.concat([Buffer.alloc(PREFIX), message])
    this.framed.writeUInt32BE(message.length, 1)
    this.bytes = this.framed.subarray(PREFIX)
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length)
    this.ids = placesOf(this.bytes, ID)
    this.lateIds = placesOf(this.bytes, LATE_ID)
    this.starts = placesOf(this.bytes, START)
    this.ends = placesOf(this.bytes, END)
    this.last = counter
  }

  /** `counter` makes the ids of this send its own; spans end at `nowMs`. */
  next(counter: number, nowMs: number): void {
    const { view, ids, lateIds, starts, ends, last } = this
    for (let i = 0; i < ids.length; i++) view.setUint32(ids[i]!, counter)
    for (let i = 0; i < lateIds.length; i++) view.setUint32(lateIds[i]!, last)
    this.last = counter
    const nanos = BigInt(Math.round(nowMs)) * 1_000_000n
    const [endLow, endHigh] = wordsOf(nanos)
    for (let kind = 0; kind < SERVICES * 2; kind++) {
      // 1 to 40 ms, longer the nearer to the root.
      const [low, high] = wordsOf(nanos - BigInt(1_000_000 + kind * 997_000))
      for (let i = kind; i < starts.length; i += SERVICES * 2) {
        view.setUint32(starts[i]!, low, true)
        view.setUint32(starts[i]! + 4, high, true)
        view.setUint32(ends[i]!, endLow, true)
        view.setUint32(ends[i]! + 4, endHigh, true)
      }
    }
  }
}

function wordsOf(value: bigint): readonly [low: number, high: number] {
  return [Number(value & 0xffff_ffffn), Number(value >> 32n)]
}

function placesOf(bytes: Buffer, placeholder: number): number[] {
  const needle = Buffer.alloc(4)
  needle.writeUInt32BE(placeholder)
  const places: number[] = []
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 4)) places.push(at)
  return places
}

function encodeRequest(nameOf: (service: number) => string): Buffer {
  const byService = Array.from({ length: SERVICES }, (_, service) => {
    const spans: Buffer[] = []
    for (let trace = 0; trace < TRACES; trace++) {
      spans.push(encodeSpan(trace, service, 'server'), encodeSpan(trace, service, 'client'))
    }
    const resource = [
      attribute(1, 'service.name', nameOf(service)),
      attribute(1, 'service.namespace', 'bench'),
      attribute(1, 'service.instance.id', `${nameOf(service)}-0`),
      attribute(1, 'telemetry.sdk.language', 'nodejs'),
    ]
    const scope = field(1, Buffer.concat([text(1, '@bench/http'), text(2, '1.0.0')]))
    return field(
      1,
      Buffer.concat([
        field(1, Buffer.concat(resource)),
        field(2, Buffer.concat([scope, ...spans.map((span) => field(2, span))])),
      ]),
    )
  })
  return Buffer.concat(byService)
}

function encodeSpan(trace: number, service: number, side: 'server' | 'client'): Buffer {
  const server = side === 'server'
  const position = service * 2 + (server ? 0 : 1)
  const next = (service + 1) % SERVICES
  const route = `/api/v1/resource-${server ? service : next}/{id}`
  return Buffer.concat([
    field(1, id(16, service, trace, 0)),
    field(2, id(8, service, trace, position + 1)),
    ...(position === 0 ? [] : [field(4, id(8, service, trace, position))]),
    text(5, `GET ${route}`),
    Buffer.of(0x30, server ? 2 : 3),
    Buffer.concat([Buffer.of(0x39), word(START), Buffer.alloc(4)]),
    Buffer.concat([Buffer.of(0x41), word(END), Buffer.alloc(4)]),
    attribute(9, 'http.request.method', 'GET'),
    attribute(9, 'http.response.status_code', trace === 7 ? 500 : 200),
    attribute(9, 'http.route', route),
    attribute(9, 'url.path', route.replace('{id}', `${trace}`)),
    attribute(9, 'url.scheme', 'http'),
    attribute(9, 'server.address', `service-${server ? service : next}.bench.svc`),
    attribute(9, 'server.port', 8080),
    attribute(9, 'network.protocol.version', '1.1'),
    attribute(9, 'user_agent.original', 'bench-client/1.0'),
    attribute(9, 'client.address', `10.0.${service}.${trace}`),
    field(15, trace === 7 ? Buffer.of(0x18, 2) : Buffer.alloc(0)),
  ])
}

function id(length: number, service: number, trace: number, position: number): Buffer {
  const bytes = Buffer.alloc(length)
  bytes.writeUInt32BE(service % 2 === 0 ? ID : LATE_ID)
  bytes.writeUInt16BE(trace + 1, length - 4)
  bytes.writeUInt16BE(position, length - 2)
  return bytes
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0))
    value >>>= 7
  } while (value > 0)
  return Buffer.from(bytes)
}

function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content])
}

function text(number: number, value: string): Buffer {
  return field(number, Buffer.from(value))
}

function attribute(number: number, key: string, value: string | number): Buffer {
  const encoded = typeof value === 'string' ? text(1, value) : Buffer.concat([Buffer.of(0x18), varint(value)])
  return field(number, Buffer.concat([text(1, key), field(2, encoded)]))
}
