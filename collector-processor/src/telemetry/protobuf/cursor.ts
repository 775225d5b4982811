/** Bytes that are no OTLP message. `offset` is where in the request it went wrong. Permanent: the sender must not retry. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
  readonly offset: number

  constructor(message: string, offset: number) {
    super(`${message} at byte ${offset}`)
    this.offset = offset
  }
}

const VARINT = 0
const FIXED64 = 1
const LENGTH = 2
const GROUP = 3
const END_GROUP = 4
const FIXED32 = 5
const MAX_GROUPS = 64
const WORD = 2 ** 32

/**
 * Walks protobuf's wire format in place. `pos` moves up to `end`, the end of the message that is being read: `enter` goes
 * into an embedded message and `leave` comes back. Nothing is read past `end`; embedded messages that nobody enters are
 * stepped over by their length and not looked at, so depth costs nothing.
 */
export class Cursor {
  readonly bytes: Uint8Array
  readonly view: DataView
  pos = 0
  end: number
  /** Words of the last 64-bit value. */
  low = 0
  high = 0

  constructor(bytes: Uint8Array) {
    // One hidden class for all requests, whether they come as Buffer or Uint8Array.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.end = bytes.byteLength
  }

  /** Field number × 8 + wire type. */
  tag(): number {
    const tag = this.varint()
    if (tag < 8 || tag >= WORD) this.fail('field number out of range')
    return tag
  }

  /** Unsigned; exact below 2^53, which every length and enum is. */
  varint(): number {
    if (this.pos >= this.end) this.fail('message is truncated')
    const byte = this.bytes[this.pos]!
    if (byte < 0x80) {
      this.pos++
      return byte
    }
    this.readVarint()
    return this.high === 0 ? this.low : this.high * WORD + this.low
  }

  /** int64 as a double. */
  signedVarint(): number {
    this.readVarint()
    return (this.high | 0) * WORD + this.low
  }

  /** sint32 in zigzag form. */
  zigzag(): number {
    const value = this.varint() >>> 0
    return (value >>> 1) ^ -(value & 1)
  }

  /** Reads a length and checks that so much is there. */
  length(): number {
    const length = this.varint()
    if (length > this.end - this.pos) {
      this.fail(`length ${length} goes past the end of its message`)
    }
    return length
  }

  /** Moves over eight bytes into `low` and `high`. */
  fixed64(): void {
    const at = this.advance(8)
    this.low = this.view.getUint32(at, true)
    this.high = this.view.getUint32(at + 4, true)
  }

  /** fixed64 as a double; exact below 2^53. */
  unsigned64(): number {
    this.fixed64()
    return this.high * WORD + this.low
  }

  signed64(): number {
    this.fixed64()
    return (this.high | 0) * WORD + this.low
  }

  double(): number {
    return this.view.getFloat64(this.advance(8), true)
  }

  /** Moves over so many 64-bit values; where they begin. */
  run64(count: number): number {
    return this.advance(8 * count)
  }

  fixed32(): number {
    return this.view.getUint32(this.advance(4), true)
  }

  /** Goes into the embedded message here; returns what `leave` needs. */
  enter(): number {
    const length = this.length()
    const outer = this.end
    this.end = this.pos + length
    return outer
  }

  leave(outer: number): void {
    this.pos = this.end
    this.end = outer
  }

  /**
   * Steps over a field that is not read. `known` has a bit for each field number that is: one of those came here because
   * its wire type is wrong.
   */
  skip(tag: number, known: number): void {
    const field = tag >>> 3
    if (field < 32 && ((known >>> field) & 1) === 1) {
      this.fail(`field ${field} has wire type ${tag & 7}`)
    }
    this.skipValue(tag)
  }

  fail(message: string): never {
    throw new DecodeError(message, this.pos)
  }

  private advance(length: number): number {
    const at = this.pos
    if (length > this.end - at) this.fail('message is truncated')
    this.pos = at + length
    return at
  }

  private skipValue(tag: number): void {
    switch (tag & 7) {
      case VARINT:
        this.varint()
        return
      case FIXED64:
        this.advance(8)
        return
      case LENGTH: {
        const length = this.length()
        this.pos += length
        return
      }
      case FIXED32:
        this.advance(4)
        return
      case GROUP:
        this.skipGroup(tag >>> 3)
        return
      default:
        this.fail(`wire type ${tag & 7} out of place`)
    }
  }

  /** Groups are no part of proto3, but an unknown field may be one. */
  private skipGroup(field: number): void {
    const open = [field]
    while (open.length > 0) {
      const tag = this.tag()
      if ((tag & 7) === GROUP) {
        if (open.length === MAX_GROUPS) this.fail('groups are nested too deeply')
        open.push(tag >>> 3)
      } else if ((tag & 7) === END_GROUP) {
        if (open.pop() !== tag >>> 3) this.fail('group ends that was not begun')
      } else {
        this.skipValue(tag)
      }
    }
  }

  private readVarint(): void {
    const { bytes, end } = this
    let pos = this.pos
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (pos >= end) this.fail('message is truncated')
      const byte = bytes[pos++]!
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high = bits >>> 4
      } else high |= bits << (shift - 32)
      if (byte < 0x80) {
        this.pos = pos
        this.low = low >>> 0
        this.high = high >>> 0
        return
      }
    }
    this.fail('varint is longer than ten bytes')
  }
}
