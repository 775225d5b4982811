import { randomInt } from 'node:crypto'
import { ByteDictionary } from './byte-dictionary.ts'

/**
 * A bounded dictionary of strings. Id 0 is '' and id 1 is '(other)', which every string gets once the bound is reached;
 * how often that happened is counted by `overflowed`. Strings longer than 1 KiB of UTF-8 are cut there.
 */
export interface StringTable {
  /**
   * Id of UTF-8 bytes; makes no string when they are known. Invalid UTF-8 is read with U+FFFD. A new string of a kind that
   * may be of any number gets no more than `share` of the room, so that it does not crowd out the others.
   */
  internBytes(bytes: Uint8Array, start: number, end: number, share?: number): number
  intern(text: string): number
  get(id: number): string
  readonly size: number
  readonly overflowed: number
}

export const EMPTY = 0
export const OTHER = 1
const MAX_BYTES = 1024
/** Room for one string on average; with `limit` it bounds the memory of the whole table. */
const MEAN_BYTES = 256
/** Places of the memo, a power of two. */
const REMEMBERED = 1024
/** Bytes at the end that the place depends on. */
const MEMO_BYTES = 12

/** `limit`: strings kept beside '' and '(other)'. `seed` keeps collisions from being chosen from outside. */
export function createStringTable(limit: number, seed: number = randomInt(2 ** 32)): StringTable {
  return new Dictionary(limit, seed)
}

class Dictionary implements StringTable {
  overflowed = 0
  private readonly limit: number
  private readonly keys: ByteDictionary
  /** Direct-mapped (`memoPlace`): a hit is checked byte by byte, which spares the hash of the whole. */
  private readonly recent = new Uint32Array(REMEMBERED)
  private readonly texts: string[] = ['', '(other)']
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  private readonly encoder = new TextEncoder()
  private readonly scratch = new Uint8Array(MAX_BYTES)

  constructor(limit: number, seed: number) {
    this.limit = limit
    this.keys = new ByteDictionary({ limit: limit + 2, maxBytes: (limit + 2) * MEAN_BYTES, seed })
    this.keys.add(this.scratch, 0, 0)
    const other = this.encoder.encode('(other)')
    this.keys.add(other, 0, other.length)
  }

  get size(): number {
    return this.texts.length
  }

  get(id: number): string {
    const text = this.texts[id]
    if (text === undefined) throw new RangeError(`no string has id ${id}`)
    return text
  }

  internBytes(bytes: Uint8Array, start: number, end: number, share = 1): number {
    if (start === end) return EMPTY
    if (end - start > MAX_BYTES) end = characterStart(bytes, start + MAX_BYTES)
    const place = memoPlace(bytes, start, end)
    const recent = this.recent[place]!
    if (this.keys.is(recent, bytes, start, end)) return recent
    const known = this.keys.find(bytes, start, end)
    const id = known >= 0 ? known : this.keep(bytes, start, end, share)
    this.recent[place] = id
    return id
  }

  intern(text: string): number {
    // encodeInto stops before a character that does not fit.
    const { written } = this.encoder.encodeInto(text, this.scratch)
    return this.internBytes(this.scratch, 0, written)
  }

  private keep(bytes: Uint8Array, start: number, end: number, share: number): number {
    if (this.texts.length >= 2 + share * this.limit) {
      this.overflowed++
      return OTHER
    }
    const text = this.decoder.decode(bytes.subarray(start, end))
    // One text has one id: bytes that are not UTF-8 are kept as what they are read as.
    if (text.includes('\uFFFD') && bytes !== this.scratch) return this.intern(text)
    const id = this.keys.add(bytes, start, end)
    if (id < 0) {
      this.overflowed++
      return OTHER
    }
    this.texts.push(text)
    return id
  }
}

/** Of length, middle and end, where names of one kind differ. */
function memoPlace(bytes: Uint8Array, start: number, end: number): number {
  let hash = (end - start) ^ (bytes[(start + end) >>> 1]! << 8)
  for (let i = Math.max(start, end - MEMO_BYTES); i < end; i++) hash = Math.imul(hash, 31) + bytes[i]!
  return (hash ^ (hash >>> 10)) & (REMEMBERED - 1)
}

/** The last position up to `at` where a UTF-8 character begins, so that cutting there leaves none in halves. */
function characterStart(bytes: Uint8Array, at: number): number {
  for (let back = 0; back < 4; back++) if ((bytes[at - back]! & 0xc0) !== 0x80) return at - back
  return at
}
