import { FNV_PRIME, FNV_SEED } from './characters.ts'
import { Role, roleOfHash } from './key-roles.ts'
import { MAX_NESTING, type Members, roleWithin, ValueKind } from './members.ts'

const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST, COMMA, COLON] = [
  0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d, 0x2c, 0x3a,
]

/** Finds the members of JSON objects, without making values of them. */
export class JsonReader {
  private at = 0
  private end = 0
  private escaped = false
  private key = 0
  private bytes: Uint8Array = new Uint8Array(0)
  private readonly members: Members

  constructor(members: Members) {
    this.members = members
  }

  /**
   * Reads the object in bytes[start … end) into the members. Returns false for what does not look like one, or is cut within
   * its first members; what follows the object is left out.
   */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    this.bytes = bytes
    this.at = start
    this.end = end
    this.members.reset()
    return this.object(0, FNV_SEED, Role.other) || this.members.length > 0
  }

  /** Reads the object that opens here; false when it is none, or not whole. */
  private object(depth: number, path: number, outer: Role): boolean {
    const { bytes, end } = this
    if (bytes[this.at] !== OPEN) return false
    this.at++
    this.blank()
    if (bytes[this.at] === CLOSE) {
      this.at++
      return true
    }
    while (this.at < end) {
      if (bytes[this.at] !== QUOTE) return false
      const keyStart = this.at + 1
      if (!this.name()) return false
      const keyEnd = this.at - 1
      this.blank()
      if (bytes[this.at] !== COLON) return false
      this.at++
      this.blank()
      if (!this.value(depth, path, outer, keyStart, keyEnd)) return false
      this.blank()
      if (bytes[this.at] === CLOSE) {
        this.at++
        return true
      }
      if (bytes[this.at] !== COMMA) return false
      this.at++
      this.blank()
    }
    return false
  }

  private value(depth: number, outerPath: number, outer: Role, keyStart: number, keyEnd: number): boolean {
    const { bytes, members } = this
    const start = this.at
    const role = roleWithin(outer, roleOfHash(this.key, bytes, keyStart, keyEnd))
    const path = Math.imul(outerPath, 31) ^ this.key
    switch (bytes[start]) {
      case QUOTE: {
        if (!this.string()) return false
        const kind = this.escaped ? ValueKind.escaped : ValueKind.text
        members.add(role, path, depth, keyStart, keyEnd, kind, start + 1, this.at - 1)
        return true
      }
      case OPEN:
        return depth < MAX_NESTING ? this.object(depth + 1, path, role) : this.skip()
      case OPEN_LIST:
        if (!this.skip()) return false
        members.add(role, path, depth, keyStart, keyEnd, ValueKind.list, start, this.at)
        return true
      default:
        while (this.at < this.end && !isEnd(bytes[this.at]!)) this.at++
        if (this.at === start) return false
        members.add(role, path, depth, keyStart, keyEnd, ValueKind.number, start, this.at)
        return true
    }
  }

  /** Moves behind the string that opens here, and hashes it. */
  private name(): boolean {
    const { bytes, end } = this
    let hash = FNV_SEED
    for (let i = this.at + 1; i < end; i++) {
      const byte = bytes[i]!
      if (byte === QUOTE) {
        this.at = i + 1
        this.key = hash
        return true
      }
      hash = Math.imul(hash ^ byte, FNV_PRIME)
      if (byte === BACKSLASH) i++
    }
    return false
  }

  /** Moves behind the string that opens here. */
  private string(): boolean {
    const { bytes, end } = this
    this.escaped = false
    let i = this.at + 1
    while (i < end) {
      const byte = bytes[i]!
      if (byte === QUOTE) {
        this.at = i + 1
        return true
      }
      if (byte === BACKSLASH) {
        this.escaped = true
        i++
      }
      i++
    }
    return false
  }

  /** Moves behind the object or list that opens here. */
  private skip(): boolean {
    const { bytes, end } = this
    let depth = 0
    while (this.at < end) {
      const byte = bytes[this.at]!
      if (byte === QUOTE) {
        if (!this.string()) return false
        continue
      }
      this.at++
      if (byte === OPEN || byte === OPEN_LIST) depth++
      else if ((byte === CLOSE || byte === CLOSE_LIST) && --depth === 0) return true
    }
    return false
  }

  private blank(): void {
    while (this.at < this.end && this.bytes[this.at]! <= 0x20) this.at++
  }
}

function isEnd(byte: number): boolean {
  return (
    byte <= 0x20 ||
    byte === COMMA ||
    byte === CLOSE ||
    byte === CLOSE_LIST ||
    byte === QUOTE ||
    byte === COLON
  )
}
