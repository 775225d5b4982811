import { type handleUnaryCall, Server, ServerCredentials } from '@grpc/grpc-js'

/** A span as the wire carries it, with what the tests look at. */
export interface ReceivedSpan {
  readonly service: string
  readonly id: string
  readonly parent: string
  readonly name: string
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer' | 'other'
  readonly ms: number
  readonly failed: boolean
  readonly links: readonly string[]
  readonly attributes: Readonly<Record<string, string>>
}

const KINDS = ['other', 'internal', 'server', 'client', 'producer', 'consumer'] as const

/** Field number -> its values: bytes of nested messages and strings, numbers of the rest. */
type Fields = Map<number, (Buffer | bigint)[]>

function fieldsOf(bytes: Buffer): Fields {
  const fields: Fields = new Map()
  let at = 0
  const varint = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] ?? 0
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    let value: Buffer | bigint
    if ((tag & 7) === 0) value = varint()
    else if ((tag & 7) === 1) {
      value = bytes.readBigUInt64LE(at)
      at += 8
    } else if ((tag & 7) === 5) {
      value = BigInt(bytes.readUInt32LE(at))
      at += 4
    } else {
      const length = Number(varint())
      value = bytes.subarray(at, at + length)
      at += length
    }
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value])
  }
  return fields
}

const messages = (fields: Fields, field: number) =>
  (fields.get(field) ?? []).filter((value) => Buffer.isBuffer(value)).map(fieldsOf)
const text = (fields: Fields, field: number, encoding: BufferEncoding = 'utf8') => {
  const value = fields.get(field)?.[0]
  return Buffer.isBuffer(value) ? value.toString(encoding) : ''
}
const number = (fields: Fields, field: number) => {
  const value = fields.get(field)?.[0]
  return typeof value === 'bigint' ? value : 0n
}
const attributes = (fields: Fields, field: number) =>
  Object.fromEntries(
    messages(fields, field).map((pair) => {
      const value = messages(pair, 2)[0] ?? new Map()
      return [text(pair, 1), text(value, 1) || String(number(value, 3))]
    }),
  )

function spansOf(request: Buffer): ReceivedSpan[] {
  return messages(fieldsOf(request), 1).flatMap((resourceSpans) => {
    const service = messages(resourceSpans, 1).map((each) => attributes(each, 1)['service.name'])[0] ?? ''
    return messages(resourceSpans, 2).flatMap((scope) =>
      messages(scope, 2).map((span) => ({
        service,
        id: text(span, 2, 'hex'),
        parent: text(span, 4, 'hex'),
        name: text(span, 5),
        kind: KINDS[Number(number(span, 6))] ?? 'other',
        ms: Number(number(span, 8) - number(span, 7)) / 1e6,
        failed: messages(span, 15).some((status) => number(status, 3) === 2n),
        links: messages(span, 13).map((link) => text(link, 2, 'hex')),
        attributes: attributes(span, 9),
      })),
    )
  })
}

/** OTLP over gRPC on a free port: keeps the spans, counts the metrics and logs. */
export async function startSpanReceiver() {
  const spans: ReceivedSpan[] = []
  const requests = { metrics: 0, logs: 0 }
  const server = new Server()
  const raw = (bytes: Buffer) => bytes
  const add = (path: string, take: (bytes: Buffer) => void) => {
    const answer: handleUnaryCall<Buffer, Buffer> = (call, callback) => {
      take(call.request)
      callback(null, Buffer.alloc(0))
    }
    server.register(path, answer, raw, raw, 'unary')
  }
  const collector = '/opentelemetry.proto.collector'
  add(`${collector}.trace.v1.TraceService/Export`, (bytes) => spans.push(...spansOf(bytes)))
  add(`${collector}.metrics.v1.MetricsService/Export`, () => requests.metrics++)
  add(`${collector}.logs.v1.LogsService/Export`, () => requests.logs++)
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  return { endpoint: `http://127.0.0.1:${port}`, spans, requests, stop: () => server.forceShutdown() }
}
