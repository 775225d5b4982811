import type { Cursor } from '../../telemetry/protobuf/cursor.ts'
import { EMPTY, type StringTable } from '../../telemetry/strings.ts'

const TYPE = 'exception.type'
const MESSAGE = 'exception.message'
/** Of the room for strings: a program may make types as it goes, and metrics need theirs. */
const TYPES = 0.75

/**
 * The attributes `exception.type` and `exception.message` (OpenTelemetry's semantic conventions of exceptions) among those of a
 * log record or an event. Others are stepped over by their length and not validated.
 */
export class ExceptionAttributes {
  messageStart = 0
  messageEnd = 0
  private typeStart = 0
  private typeEnd = 0

  reset(): void {
    this.messageStart = 0
    this.messageEnd = 0
    this.typeStart = 0
    this.typeEnd = 0
  }

  /** Reads the KeyValue from `start` to `end`, and moves the cursor there. */
  read(cursor: Cursor, start: number, end: number): void {
    const { bytes } = cursor
    cursor.pos = end
    // every writer puts the key first, and these are shorter than 128 bytes
    if (bytes[start] !== 0x0a) return
    const length = bytes[start + 1]!
    const at = start + 2 + length
    const type = length === TYPE.length && isText(bytes, start + 2, TYPE)
    if ((!type && !(length === MESSAGE.length && isText(bytes, start + 2, MESSAGE))) || bytes[at] !== 0x12)
      return
    const outer = cursor.end
    cursor.pos = at + 1
    cursor.end = end
    const rest = cursor.enter()
    while (cursor.pos < cursor.end) {
      const tag = cursor.tag()
      if (tag !== 0x0a) {
        cursor.skip(tag, 0b10)
        continue
      }
      const text = cursor.length()
      if (type) {
        this.typeStart = cursor.pos
        this.typeEnd = cursor.pos + text
      } else {
        this.messageStart = cursor.pos
        this.messageEnd = cursor.pos + text
      }
      cursor.pos += text
    }
    cursor.leave(rest)
    cursor.pos = end
    cursor.end = outer
  }

  /** String id of the type; EMPTY when there is none. */
  type(strings: StringTable, { bytes }: Cursor): number {
    return this.typeEnd > this.typeStart
      ? strings.internBytes(bytes, this.typeStart, this.typeEnd, TYPES)
      : EMPTY
  }
}

function isText(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false
  return true
}
