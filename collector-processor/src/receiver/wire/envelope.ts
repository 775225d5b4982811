import { Cursor } from '../../telemetry/protobuf/cursor.ts'
import type { Resource } from '../../telemetry/resource.ts'
import type { TelemetryTables } from '../../telemetry/tables.ts'
import { readAttributes } from './any-value.ts'
import { MAX_HEADERS, MAX_RESOURCES } from './rejections.ts'

const RECORDS = 0x12
const HEADER = 0x0a
const KNOWN = 0b110

export interface RecordReader {
  /** Called before the records of a scope with the position of its name in the cursor's bytes (0, 0 = none). */
  scope?(cursor: Cursor, start: number, end: number): void
  /** Reads one record; the cursor stands inside its message. `resource` is an index into the batch's list. */
  record(cursor: Cursor, resource: number): void
}

/**
 * Walks what the three signals have in common: request (1: resource records) → resource records (1: resource, 2: scope
 * records) → scope records (1: scope, 2: records). Fields may come in any order, so headers are looked for first.
 */
export function readRequest(
  bytes: Uint8Array,
  tables: TelemetryTables,
  resources: Resource[],
  reader: RecordReader,
): void {
  const cursor = new Cursor(bytes)
  while (cursor.pos < cursor.end) {
    const tag = cursor.tag()
    if (tag !== HEADER) {
      cursor.skip(tag, 0b10)
      continue
    }
    const outer = cursor.enter()
    readResourceRecords(cursor, tables, resources, reader)
    cursor.leave(outer)
  }
}

function readResourceRecords(
  cursor: Cursor,
  tables: TelemetryTables,
  resources: Resource[],
  reader: RecordReader,
): void {
  const resource = readResource(cursor, tables)
  if (resources.length >= MAX_RESOURCES) cursor.fail(`more than ${MAX_RESOURCES} resources`)
  const index = resources.push(resource) - 1
  while (cursor.pos < cursor.end) {
    const tag = cursor.tag()
    if (tag !== RECORDS) {
      skipHeader(cursor, tag)
      continue
    }
    const outer = cursor.enter()
    readScopeRecords(cursor, index, reader)
    cursor.leave(outer)
  }
}

function readScopeRecords(cursor: Cursor, resource: number, reader: RecordReader): void {
  if (reader.scope !== undefined) {
    const scope = headers(cursor).at(-1)
    const name = scope === undefined ? [0, 0] : stringField(cursor, scope)
    reader.scope(cursor, name[0]!, name[1]!)
  }
  while (cursor.pos < cursor.end) {
    const tag = cursor.tag()
    if (tag !== RECORDS) {
      skipHeader(cursor, tag)
      continue
    }
    const outer = cursor.enter()
    reader.record(cursor, resource)
    cursor.leave(outer)
  }
}

/** Field 1 was read before; any other wire type of it, and of field 2, is malformed. */
function skipHeader(cursor: Cursor, tag: number): void {
  cursor.skip(tag, tag === HEADER ? 0 : KNOWN)
}

function readResource(cursor: Cursor, tables: TelemetryTables): Resource {
  const found = headers(cursor)
  const { bytes } = cursor
  const only = found[0] ?? [0, 0]
  if (found.length < 2) {
    return tables.resources.internBytes(bytes, only[0], only[1], () =>
      readAttributes(bytes, only[0], only[1], 1),
    )
  }
  // Protobuf merges a message that comes twice, which equals reading one after the other.
  const merged = Buffer.concat(found.map(([start, end]) => bytes.subarray(start, end)))
  return tables.resources.internBytes(merged, 0, merged.length, () =>
    readAttributes(merged, 0, merged.length, 1),
  )
}

type Range = readonly [start: number, end: number]

/** Every occurrence of field 1 in the message here; the cursor does not move. */
function headers(cursor: Cursor): Range[] {
  const start = cursor.pos
  const found: Range[] = []
  while (cursor.pos < cursor.end) {
    const tag = cursor.tag()
    if (tag === HEADER) {
      const length = cursor.length()
      if (found.length >= MAX_HEADERS) cursor.fail('field 1 comes too often')
      found.push([cursor.pos, cursor.pos + length])
      cursor.pos += length
    } else cursor.skip(tag, 0b10)
  }
  cursor.pos = start
  return found
}

/** Where string field 1 of the message in `range` is. */
function stringField(cursor: Cursor, range: Range): Range {
  const { pos, end } = cursor
  cursor.pos = range[0]
  cursor.end = range[1]
  const found = headers(cursor).at(-1) ?? [0, 0]
  cursor.pos = pos
  cursor.end = end
  return found
}
