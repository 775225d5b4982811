/** A forward protobuf writer, independent of ADF's own, that also writes what no honest sender would. */
export function varint(value: number | bigint): Buffer {
  const bytes: number[] = []
  let rest = BigInt(value)
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0))
    rest >>= 7n
  } while (rest > 0n)
  return Buffer.from(bytes)
}

/** Field of wire type 2: bytes, text or an embedded message of the parts put together. */
export function field(number: number, ...parts: (Uint8Array | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)))
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content])
}

export function fixed64(number: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value))
  return Buffer.concat([varint(number * 8 + 1), bytes])
}

export function double(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return Buffer.concat([varint(number * 8 + 1), bytes])
}

export const integer = (number: number, value: number | bigint): Buffer =>
  Buffer.concat([varint(number * 8), varint(value)])

/** A KeyValue with a string value, as field `number`. */
export const attribute = (number: number, key: string | Uint8Array, value: string | Uint8Array): Buffer =>
  field(number, field(1, key), field(2, field(1, value)))

/** `innermost` wrapped `depth` times: `before` gives what stands before an inner message of so many bytes. */
export function nested(depth: number, before: (length: number) => Buffer, innermost: Buffer): Buffer {
  const parts = [innermost]
  let length = innermost.length
  for (let level = 0; level < depth; level++) {
    const prefix = before(length)
    parts.push(prefix)
    length += prefix.length
  }
  return Buffer.concat(parts.reverse())
}

/** Tag and length of field `number`, of which `length` bytes follow. */
export const opening = (number: number, length: number): Buffer =>
  Buffer.concat([varint(number * 8 + 2), varint(length)])

/** A request of one resource and scope: `records` are field 2 of the scope, whatever the signal. */
export function requestOf(service: string | Uint8Array, ...records: Buffer[]): Buffer {
  return field(
    1,
    field(1, attribute(1, 'service.name', service)),
    field(2, ...records.map((record) => field(2, record))),
  )
}

export interface WireSpan {
  readonly trace?: Uint8Array
  readonly span?: Uint8Array
  readonly parent?: Uint8Array
  readonly name?: string | Uint8Array
  readonly kind?: number
  readonly startMs?: number
  readonly endMs?: number
  readonly rest?: Uint8Array
}

export const nanos = (ms: number): bigint => BigInt(Math.round(ms * 1000)) * 1000n

export function wireSpan(span: WireSpan = {}): Buffer {
  const { startMs = Date.now() - 5, endMs = Date.now() } = span
  return Buffer.concat([
    field(1, span.trace ?? randomBytes(16)),
    field(2, span.span ?? randomBytes(8)),
    ...(span.parent === undefined ? [] : [field(4, span.parent)]),
    field(5, span.name ?? 'GET /'),
    integer(6, span.kind ?? 2),
    fixed64(7, nanos(startMs)),
    fixed64(8, nanos(endMs)),
    span.rest ?? Buffer.alloc(0),
  ])
}

let state = 0x2545f491
/** Seeded (xorshift32): a failure comes again. */
export function randomBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[at] = state >>> 8
  }
  return bytes
}
