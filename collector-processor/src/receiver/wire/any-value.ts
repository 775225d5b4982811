import { Cursor } from '../../telemetry/protobuf/cursor.ts'
import { MAX_ATTRIBUTES } from './rejections.ts'

/** A request has few of these on its hot path: they are read only for resources and attribute sets not seen before. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Reads field `field` of a message, repeated KeyValue, in bytes[start … end). Only scalar values are taken, as text. */
export function readAttributes(
  bytes: Uint8Array,
  start: number,
  end: number,
  field: number,
): Map<string, string> {
  const cursor = new Cursor(bytes)
  cursor.pos = start
  cursor.end = end
  const attributes = new Map<string, string>()
  while (cursor.pos < cursor.end) {
    const tag = cursor.tag()
    if (attributes.size > MAX_ATTRIBUTES) cursor.fail(`more than ${MAX_ATTRIBUTES} attributes`)
    if (tag === field * 8 + 2) readKeyValue(cursor, attributes)
    else cursor.skip(tag, 1 << field)
  }
  return attributes
}

function readKeyValue(cursor: Cursor, attributes: Map<string, string>): void {
  const outer = cursor.enter()
  let key = ''
  let value: string | undefined
  while (cursor.pos < cursor.end) {
    const tag = cursor.tag()
    if (tag === 0x0a) key = text(cursor)
    else if (tag === 0x12) value = readScalar(cursor)
    else cursor.skip(tag, 0b110)
  }
  cursor.leave(outer)
  if (value !== undefined && key !== '') attributes.set(key, value)
}

/** Text of an AnyValue; undefined for arrays, maps, bytes and nothing. */
function readScalar(cursor: Cursor): string | undefined {
  const outer = cursor.enter()
  let value: string | undefined
  while (cursor.pos < cursor.end) {
    const tag = cursor.tag()
    if (tag === 0x0a) value = text(cursor)
    else if (tag === 0x10) value = String(cursor.varint() !== 0)
    else if (tag === 0x18) value = String(cursor.signedVarint())
    else if (tag === 0x21) value = String(cursor.double())
    else cursor.skip(tag, 0b11110)
  }
  cursor.leave(outer)
  return value
}

function text(cursor: Cursor): string {
  const length = cursor.length()
  const start = cursor.pos
  cursor.pos += length
  return decoder.decode(cursor.bytes.subarray(start, cursor.pos))
}
