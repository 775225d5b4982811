import * as layout from './record.ts'

// V8 reads what a module imports or exports anew at each use; constants of the module alone are compiled in
const { Field, hash, KEY_BITS, NONE, RECORD } = layout

const SMALLEST = 8192
/** Times larger when full: most of the records that the largest index will hold come after it was made. */
const GROWTH = 4
const EMPTY = 0
/** Bits of an entry that say how far it stands from its home. */
const FAR_BITS = 5
/** So far or farther: its record says how far. */
const FAR = 2 ** FAR_BITS - 1

/**
 * Finds records by their keys: open addressing with linear probing, at most half full; four bytes an entry, so that it fits into the last cache at
 * the default limit of the graph. An entry has the number of its record plus one, how far it stands from home, and as much of the hash as is left.
 *
 * What leaves takes no place any more: entries behind it move up (Knuth, The Art of Computer Programming, vol. 3, section 6.4, algorithm R). Marks
 * of deletion would have to be cleaned up, at once, and that held the event loop for 0.2 to 0.5 s.
 */
export class RecordIndex {
  readonly #largest: number
  /** Bits of the number of a record plus one. */
  readonly #bits: number
  readonly #recordMask: number
  readonly #hashMask: number
  #entries = new Int32Array(SMALLEST)
  #size = 0

  /** For at most `most` records at once, with numbers below `numbers`, 2^27 or less. */
  constructor(most: number, numbers: number) {
    this.#largest = Math.max(SMALLEST, powerOfTwo(2 * most))
    this.#bits = Math.ceil(Math.log2(numbers + 1))
    this.#recordMask = 2 ** this.#bits - 1
    this.#hashMask = ~(2 ** (this.#bits + FAR_BITS) - 1)
  }

  /** Number of the record with this key, or NONE. `ints` has the records, `h` is `hash(key0, key1)`. */
  find(ints: Int32Array, key0: number, key1: number, key2: number, h: number): number {
    const entries = this.#entries
    const mask = entries.length - 1
    const recordMask = this.#recordMask
    const hashMask = this.#hashMask
    for (let at = h & mask; ; at = (at + 1) & mask) {
      const entry = entries[at]!
      if (entry === EMPTY) return NONE
      if (((entry ^ h) & hashMask) !== 0) continue
      const record = (entry & recordMask) - 1
      const o = record * RECORD
      if (ints[o + 1] === key1 && ints[o] === key0 && ((ints[o + Field.flags]! ^ key2) & KEY_BITS) === 0)
        return record
    }
  }

  /** Puts a record in that is not there. */
  enter(ints: Int32Array, record: number, h: number): void {
    if (++this.#size * 2 > this.#entries.length) this.#grow(ints)
    this.#place(record, h)
  }

  /** Takes a record out that is there. */
  leave(ints: Int32Array, record: number, h: number): void {
    this.#size--
    const entries = this.#entries
    const mask = entries.length - 1
    const recordMask = this.#recordMask
    const bits = this.#bits
    let gap = h & mask
    while ((entries[gap]! & recordMask) !== record + 1) gap = (gap + 1) & mask
    for (let at = (gap + 1) & mask; ; at = (at + 1) & mask) {
      const entry = entries[at]!
      if (entry === EMPTY) break
      const back = (at - gap) & mask
      let far = (entry >>> bits) & FAR
      if (far === FAR) far = (at - hashOf(ints, (entry & recordMask) - 1)) & mask
      if (far < back) continue
      entries[gap] = (entry & ~(FAR << bits)) | (Math.min(far - back, FAR) << bits)
      gap = at
    }
    entries[gap] = EMPTY
  }

  /**
   * Brings what look-ups will read into the cache: of hashes at `first`, `first + step` … in `words`. The loads do not depend on each other, so that the
   * processor has many under way at once; one look-up after the other would wait for each. Changes nothing; gives a sum of what it read, for it to be read at all.
   */
  touch(ints: Int32Array, words: Int32Array, first: number, step: number, end: number): number {
    const entries = this.#entries
    const mask = entries.length - 1
    const recordMask = this.#recordMask
    const hashMask = this.#hashMask
    let sum = 0
    for (let at = first; at < end; at += step) sum += entries[words[at]! & mask]!
    for (let at = first; at < end; at += step) {
      const h = words[at]!
      const entry = entries[h & mask]!
      if (((entry ^ h) & hashMask) !== 0 || entry === EMPTY) continue
      const o = ((entry & recordMask) - 1) * RECORD
      sum += ints[o]! + ints[o + Field.address]!
    }
    return sum
  }

  /** The entry at the home of a hash: as `touch`, of one. */
  home(h: number): number {
    return this.#entries[h & (this.#entries.length - 1)]!
  }

  /** Forgets all; room for so many. */
  reset(records: number): void {
    this.#size = 0
    this.#make(powerOfTwo(4 * records))
  }

  #place(record: number, h: number): void {
    const entries = this.#entries
    const mask = entries.length - 1
    let at = h & mask
    let far = 0
    for (; entries[at] !== EMPTY; far++) at = (at + 1) & mask
    entries[at] = (h & this.#hashMask) | (Math.min(far, FAR) << this.#bits) | (record + 1)
  }

  #grow(ints: Int32Array): void {
    const old = this.#entries.slice()
    this.#make(old.length * GROWTH)
    for (const entry of old) {
      if (entry === EMPTY) continue
      const record = (entry & this.#recordMask) - 1
      this.#place(record, hashOf(ints, record))
    }
  }

  #make(length: number): void {
    // at once, not with the next collection: meanwhile there would be both
    this.#entries.buffer.transfer(0)
    this.#entries = new Int32Array(Math.min(this.#largest, Math.max(SMALLEST, length)))
  }
}

const hashOf = (ints: Int32Array, record: number) => hash(ints[record * RECORD]!, ints[record * RECORD + 1]!)
const powerOfTwo = (least: number) => 2 ** Math.ceil(Math.log2(least))
