import type { Cursor } from '../../telemetry/protobuf/cursor.ts'
import { SLOTS } from '../../telemetry/span-attributes.ts'
import { slotOfKey } from './span-keys.ts'

const NUMBER = -1

/** The attributes in use of one span, as places in the request's bytes or as numbers; reused from span to span. */
export class SpanSlots {
  /** Bit for each slot that has a value. */
  present = 0
  private readonly starts = new Int32Array(SLOTS)
  private readonly ends = new Int32Array(SLOTS)
  private readonly numbers = new Float64Array(SLOTS)

  /** Reads the KeyValue in bytes[pos … end); leaves the cursor anywhere. Keys not in use are stepped over. */
  read(cursor: Cursor, pos: number, end: number): void {
    const { bytes } = cursor
    // Encoders write the key first, and keys in use are shorter than 128 bytes.
    const keyLength = bytes[pos + 1]!
    if (end - pos > 2 && bytes[pos] === 0x0a && keyLength < 0x80) {
      const keyStart = pos + 2
      if (keyStart + keyLength > end) cursor.fail('length goes past the end of its message')
      const slot = slotOfKey(bytes, cursor.view, keyStart, keyLength)
      if (slot < 0 || this.readShort(bytes, keyStart + keyLength, end, slot)) return
      const outer = cursor.end
      cursor.pos = keyStart + keyLength
      cursor.end = end
      this.readRest(cursor, slot)
      cursor.end = outer
      return
    }
    const outer = cursor.end
    cursor.pos = pos
    cursor.end = end
    this.readUnordered(cursor, pos)
    cursor.end = outer
  }

  number(slot: number): boolean {
    return this.starts[slot] === NUMBER
  }

  numberOf(slot: number): number {
    return this.numbers[slot]!
  }

  start(slot: number): number {
    return this.starts[slot]!
  }

  end(slot: number): number {
    return this.ends[slot]!
  }

  /** What nearly every value is: one field, a string of less than 126 bytes or an integer below 2^14. False = read it the long way. */
  private readShort(bytes: Uint8Array, at: number, end: number, slot: number): boolean {
    if (end - at < 4 || end - at > 0x81) return false
    if (bytes[at] !== 0x12 || bytes[at + 1] !== end - at - 2) return false
    const tag = bytes[at + 2]
    const first = bytes[at + 3]!
    if (tag === 0x0a) {
      if (first !== end - at - 4) return false
      if (first > 0) this.set(slot, at + 4, end, 0)
      return true
    }
    if (tag !== 0x18) return false
    if (first < 0x80 && end - at === 4) {
      this.set(slot, NUMBER, NUMBER, first)
      return true
    }
    const second = bytes[at + 4]!
    if (first < 0x80 || end - at !== 5 || second >= 0x80) return false
    this.set(slot, NUMBER, NUMBER, (first & 0x7f) | (second << 7))
    return true
  }

  /** Value before key, or no key: looks for the key first. */
  private readUnordered(cursor: Cursor, start: number): void {
    let slot = -1
    while (cursor.pos < cursor.end) {
      const tag = cursor.tag()
      if (tag === 0x0a) {
        const length = cursor.length()
        slot = slotOfKey(cursor.bytes, cursor.view, cursor.pos, length)
        cursor.pos += length
      } else cursor.skip(tag, 0b10)
    }
    if (slot < 0) return
    cursor.pos = start
    this.readRest(cursor, slot)
  }

  private readRest(cursor: Cursor, slot: number): void {
    while (cursor.pos < cursor.end) {
      const tag = cursor.tag()
      if (tag === 0x12) {
        const outer = cursor.enter()
        this.readValue(cursor, slot)
        cursor.leave(outer)
      } else cursor.skip(tag, tag === 0x0a ? 0 : 0b110)
    }
  }

  private readValue(cursor: Cursor, slot: number): void {
    while (cursor.pos < cursor.end) {
      const tag = cursor.tag()
      if (tag === 0x0a) {
        const length = cursor.length()
        if (length > 0) this.set(slot, cursor.pos, cursor.pos + length, 0)
        cursor.pos += length
      } else if (tag === 0x18) {
        this.set(slot, NUMBER, NUMBER, cursor.signedVarint())
      } else cursor.skip(tag, 0b1010)
    }
  }

  private set(slot: number, start: number, end: number, value: number): void {
    this.present |= 1 << slot
    this.starts[slot] = start
    this.ends[slot] = end
    this.numbers[slot] = value
  }
}
