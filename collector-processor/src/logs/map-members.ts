import { Cursor, DecodeError } from '../telemetry/protobuf/cursor.ts'
import { FNV_SEED, hashOf } from './characters.ts'
import { Role, roleOf } from './key-roles.ts'
import { MAX_NESTING, type Members, roleWithin, ValueKind } from './members.ts'

/**
 * Finds the members of a body that is a map: bytes[start … end) is OTLP's KeyValueList. Values stay where they are. Bytes that
 * are no such message give the members before the fault.
 */
export function readMap(members: Members, bytes: Uint8Array, start: number, end: number): void {
  const cursor = new Cursor(bytes)
  cursor.pos = start
  cursor.end = end
  try {
    readList(members, cursor, 0, FNV_SEED, Role.other)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
  }
}

function readList(members: Members, cursor: Cursor, depth: number, path: number, outer: Role): void {
  while (cursor.pos < cursor.end && !members.full) {
    const tag = cursor.tag()
    if (tag !== 0x0a) {
      cursor.skip(tag, 0b10)
      continue
    }
    const rest = cursor.enter()
    let keyStart = cursor.pos
    let keyEnd = cursor.pos
    let [valueStart, valueEnd] = [-1, -1]
    while (cursor.pos < cursor.end) {
      const field = cursor.tag()
      if (field !== 0x0a && field !== 0x12) {
        cursor.skip(field, 0b110)
        continue
      }
      const length = cursor.length()
      if (field === 0x0a) {
        keyStart = cursor.pos
        keyEnd = cursor.pos + length
      } else {
        valueStart = cursor.pos
        valueEnd = cursor.pos + length
      }
      cursor.pos += length
    }
    if (valueStart >= 0)
      readValue(members, cursor, depth, path, outer, keyStart, keyEnd, valueStart, valueEnd)
    cursor.leave(rest)
  }
}

function readValue(
  members: Members,
  cursor: Cursor,
  depth: number,
  outerPath: number,
  outer: Role,
  keyStart: number,
  keyEnd: number,
  start: number,
  end: number,
): void {
  const { bytes } = cursor
  const role = roleWithin(outer, roleOf(bytes, keyStart, keyEnd))
  const path = Math.imul(outerPath, 31) ^ hashOf(bytes, keyStart, keyEnd)
  const [pos, outerEnd] = [cursor.pos, cursor.end]
  cursor.pos = start
  cursor.end = end
  while (cursor.pos < cursor.end) {
    const at = cursor.pos
    const tag = cursor.tag()
    if (tag === 0x0a) {
      const length = cursor.length()
      members.add(role, path, depth, keyStart, keyEnd, ValueKind.text, cursor.pos, cursor.pos + length)
      cursor.pos += length
    } else if (tag === 0x32 && depth < MAX_NESTING) {
      const rest = cursor.enter()
      readList(members, cursor, depth + 1, path, role)
      cursor.leave(rest)
    } else {
      const kind = tag === 0x2a || tag === 0x32 ? ValueKind.list : ValueKind.number
      cursor.skip(tag, 0)
      members.add(role, path, depth, keyStart, keyEnd, kind, at, cursor.pos)
    }
  }
  cursor.pos = pos
  cursor.end = outerEnd
}
