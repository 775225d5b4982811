import { FNV_SEED, hashOf } from './characters.ts'
import { withoutEscapes } from './escapes.ts'
import { JsonReader } from './json-members.ts'
import { Role } from './key-roles.ts'
import { Line } from './line.ts'
import { readMap } from './map-members.ts'
import { Members, ValueKind } from './members.ts'
import { scanText } from './scan-text.ts'

const BRACE = 0x7b
/** JSON is read so far for its message, in multiples of the longest line. */
const JSON_LINES = 16
/** JSON in the message of JSON, as container runtimes make it. */
const MAX_WRAPPED = 3

/**
 * Cuts the bodies of log records into lines. A text is scanned as it is. A JSON object and an OTLP map are flattened: with a
 * message among their members, the line is level and logger, message, and errors, for the other members are what the
 * message is about; without one, all members as key and value, in an order that is not theirs. Bounded: bytes by
 * `maxLine`, members, nesting, tokens.
 */
export class BodyScanner {
  readonly line = new Line()
  readonly #maxLine: number
  readonly #members = Array.from({ length: MAX_WRAPPED + 1 }, () => new Members())
  readonly #readers = this.#members.map((members) => new JsonReader(members))

  constructor(maxLine: number) {
    this.#maxLine = maxLine
  }

  /** @param map  the bytes are an OTLP KeyValueList */
  scan(bytes: Uint8Array, start: number, end: number, map: boolean): Line {
    const { line } = this
    line.reset()
    if (map) {
      const members = this.#members[0]!
      members.reset()
      readMap(members, bytes, start, end)
      this.#structured(members, bytes, 0)
    } else this.#body(bytes, start, end, 0)
    return line
  }

  #body(bytes: Uint8Array, start: number, end: number, wrapped: number): void {
    let from = start
    while (from < end && bytes[from]! <= 0x20) from++
    if (from < end && bytes[from] === BRACE && wrapped < MAX_WRAPPED) {
      if (this.#readers[wrapped]!.read(bytes, from, Math.min(end, from + JSON_LINES * this.#maxLine))) {
        this.#structured(this.#members[wrapped]!, bytes, wrapped)
        return
      }
    }
    scanText(this.line, bytes, from, Math.min(end, from + this.#maxLine))
  }

  #structured(members: Members, bytes: Uint8Array, wrapped: number): void {
    const message = members.message()
    members.sort()
    if (message < 0) {
      for (let i = 0; i < members.length; i++) this.#pair(members, members.order[i]!, bytes)
      if (this.line.length === 0) this.line.value(0, 0)
      return
    }
    this.#all(Role.origin, members, bytes)
    this.#text(members, message, bytes, wrapped + 1)
    this.#all(Role.error, members, bytes)
  }

  #all(role: Role, members: Members, bytes: Uint8Array): void {
    for (let i = 0; i < members.length; i++) {
      const at = members.order[i]!
      if (members.roles[at] !== role || members.kinds[at] === ValueKind.list) continue
      if (members.kinds[at] === ValueKind.number) this.#name(members, at, bytes)
      else this.#text(members, at, bytes, MAX_WRAPPED)
    }
  }

  /** A level is one of few, even as a number. */
  #name(members: Members, at: number, bytes: Uint8Array): void {
    const [start, end] = [members.starts[at]!, members.ends[at]!]
    if (members.roles[at] === Role.origin) this.line.word(hashOf(bytes, start, end), start, end)
  }

  #pair(members: Members, at: number, bytes: Uint8Array): void {
    const { line } = this
    const role = members.roles[at]!
    line.word(members.paths[at]! ^ FNV_SEED, members.keyStarts[at]!, members.keyEnds[at]!)
    const text = members.kinds[at]! <= ValueKind.escaped
    if (text && role !== Role.other) this.#text(members, at, bytes, MAX_WRAPPED)
    else if (role === Role.origin) this.#name(members, at, bytes)
    else line.value(members.starts[at]!, members.ends[at]!)
  }

  #text(members: Members, at: number, bytes: Uint8Array, wrapped: number): void {
    const { line } = this
    const start = members.starts[at]!
    const end = Math.min(members.ends[at]!, start + JSON_LINES * this.#maxLine)
    if (members.kinds[at] !== ValueKind.escaped) {
      this.#body(bytes, start, end, wrapped)
      return
    }
    const from = withoutEscapes(line, bytes, start, end)
    const buffer = line.buffer
    line.buffer = 1
    this.#body(line.unescaped, from, line.used, wrapped)
    line.buffer = buffer
  }
}
