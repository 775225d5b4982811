import * as layout from './record.ts'

// V8 reads what a module imports or exports anew at each use; constants of the module alone are compiled in
const { Field, hash, KEY_BITS, KEYLESS, NONE, RECORD } = layout

const HALF = RECORD / 2
/** Double fields of a record, in words of 64 bits. */
const START = 3
const DURATION = 4

const SMALLEST = 4096
/** Entries of the index; any other has the bit `capacity` set, the record's number below it and bits of the hash above. */
const EMPTY = 0
const DELETED = 1

/**
 * The spans that may still meet a relative: a ring of records in order of arrival and an open-addressed index over it.
 * A record stays for the pairing window also when it has met everybody, so that a retry of its request is recognised.
 * Typed arrays only; starts small and doubles up to `limit`, then the oldest gives way; shrinks when told to.
 *
 * Keys come from SpanKeys: two words and the upper half of a third.
 */
export class PendingSpans {
  /** Record r has its integers at r * RECORD and its doubles at half of that. */
  ints: Int32Array<ArrayBuffer>
  doubles: Float64Array<ArrayBuffer>
  floats: Float32Array<ArrayBuffer>
  capacity: number
  size = 0
  /** Records ever added. */
  added = 0
  readonly #limit: number
  readonly #evict: (record: number) => void
  /** Twice as many entries as records, four bytes each: small enough for the last cache at the default limit. */
  #index: Int32Array<ArrayBuffer>
  /** Entries that are not empty. */
  #used = 0
  #tail = 0
  #touched = 0

  /** `limit` is rounded up to a power of two. `evict` is called before the oldest record gives way to a new one. */
  constructor(limit: number, evict: (record: number) => void) {
    this.#limit = 2 ** Math.ceil(Math.log2(Math.max(64, limit)))
    this.#evict = evict
    this.capacity = Math.min(SMALLEST, this.#limit)
    const buffer = new ArrayBuffer(this.capacity * RECORD * 4)
    this.ints = new Int32Array(buffer)
    this.doubles = new Float64Array(buffer)
    this.floats = new Float32Array(buffer)
    this.#index = new Int32Array(this.capacity * 2)
  }

  start(record: number): number {
    return this.doubles[record * HALF + START]!
  }

  duration(record: number): number {
    return this.doubles[record * HALF + DURATION]!
  }

  end(record: number): number {
    return this.doubles[record * HALF + START]! + this.doubles[record * HALF + DURATION]!
  }

  setTimes(record: number, start: number, duration: number): void {
    this.doubles[record * HALF + START] = start
    this.doubles[record * HALF + DURATION] = duration
  }

  /** How many spans the record stands for. */
  weight(record: number): number {
    return this.floats[record * RECORD + Field.weight]!
  }

  operation(record: number): number {
    return this.ints[record * RECORD + Field.operation]!
  }

  /** Records ever removed. */
  get removed(): number {
    return this.added - this.size
  }

  /** Oldest record, or NONE. */
  get oldest(): number {
    return this.size === 0 ? NONE : this.#tail
  }

  /** Makes room for `count` records, so that none moves while they are made. */
  reserve(count: number): void {
    while (this.size + count > this.capacity && this.capacity < this.#limit) this.#resize(this.capacity * 2)
    // a look-up ends at an empty entry; deleted ones may never take them all
    if (this.#used * 8 > this.#index.length * 7) this.#resize(this.capacity)
    while (this.size + count > this.capacity) {
      this.#evict(this.#tail)
      this.removeOldest()
    }
  }

  /** Gives memory back that the load of the past needed and that of now does not. */
  shrink(): void {
    if (this.size * 8 > this.capacity || this.capacity <= SMALLEST) return
    this.#resize(Math.max(SMALLEST, 2 ** Math.ceil(Math.log2(this.size * 2 + 1))))
  }

  /**
   * Brings what the look-ups of these keys will read into the cache: hashes at `first`, `first + step` … in `words`.
   * The loads do not depend on each other, so that the processor has many under way at once; one look-up after the
   * other would wait for each. Changes nothing.
   */
  touch(words: Int32Array, first: number, step: number, end: number): void {
    const index = this.#index
    const mask = index.length - 1
    const ints = this.ints
    const records = this.capacity - 1
    let sum = 0
    for (let at = first; at < end; at += step) sum += index[words[at]! & mask]!
    for (let at = first; at < end; at += step) {
      const h = words[at]!
      const entry = index[h & mask]!
      if (((entry ^ h) & ~mask) !== 0 || entry === EMPTY) continue
      const o = (entry & records) * RECORD
      sum += ints[o]! + ints[o + Field.address]!
    }
    this.#touched = sum | 0
  }

  /** As `touch`, for `removeOldest` of the `count` oldest. */
  touchOldest(count: number): void {
    const index = this.#index
    const mask = index.length - 1
    const ints = this.ints
    const last = Math.min(count, this.size)
    let sum = 0
    for (let i = 0; i < last; i++) {
      const o = ((this.#tail + i) & (this.capacity - 1)) * RECORD
      sum += index[hash(ints[o]!, ints[o + 1]!) & mask]!
      const parent = ints[o + Field.parent]!
      const child = ints[o + Field.firstChild]!
      if (parent !== NONE) sum += ints[parent * RECORD]!
      if (child !== NONE) sum += ints[child * RECORD]!
    }
    this.#touched = sum | 0
  }

  /** Whether `count` more records drive out as many. */
  full(count: number): boolean {
    return this.capacity === this.#limit && this.size + count > this.capacity
  }

  /** What `touch` read; only there so that the reading is not optimised away. */
  get touched(): number {
    return this.#touched
  }

  /** `h` is `hash(key0, key1)`. */
  find(key0: number, key1: number, key2: number, h: number): number {
    const ints = this.ints
    const index = this.#index
    const mask = index.length - 1
    const capacity = this.capacity
    const want = (h & ~mask) | capacity
    for (let at = h & mask; ; at = (at + 1) & mask) {
      const entry = index[at]!
      if (entry === EMPTY) return NONE
      if (((entry ^ want) & -capacity) !== 0) continue
      const record = entry & (capacity - 1)
      const o = record * RECORD
      if (ints[o + 1] === key1 && ints[o] === key0 && ((ints[o + Field.flags]! ^ key2) & KEY_BITS) === 0)
        return record
    }
  }

  /** A new record with a key that `find` has not found. Call `reserve` first. */
  add(key0: number, key1: number, key2: number, h: number): number {
    const record = this.#append(key0, key1, key2 & KEY_BITS)
    this.#enter(record, h)
    return record
  }

  /** A record that can be linked but not found: one end of a span link. */
  addKeyless(): number {
    return this.#append(0, 0, KEYLESS)
  }

  #append(key0: number, key1: number, flags: number): number {
    const record = (this.#tail + this.size) & (this.capacity - 1)
    this.size++
    this.added++
    const o = record * RECORD
    const ints = this.ints
    ints[o] = key0
    ints[o + 1] = key1
    ints[o + Field.parent] = NONE
    ints[o + Field.firstChild] = NONE
    ints[o + Field.next] = NONE
    ints[o + Field.previous] = NONE
    ints[o + Field.operation] = 0
    ints[o + Field.flags] = flags
    ints[o + Field.edge] = NONE
    ints[o + Field.address] = 0
    this.floats[o + Field.weight] = 1
    ints[o + Field.host] = 0
    this.doubles[record * HALF + START] = 0
    this.doubles[record * HALF + DURATION] = 0
    return record
  }

  /** Puts `child` at the head of the children of `parent`. */
  link(parent: number, child: number): void {
    const ints = this.ints
    const head = ints[parent * RECORD + Field.firstChild]!
    ints[child * RECORD + Field.parent] = parent
    ints[child * RECORD + Field.next] = head
    if (head !== NONE) ints[head * RECORD + Field.previous] = child
    ints[parent * RECORD + Field.firstChild] = child
  }

  /** Unlinks the oldest record from its relatives and forgets it. */
  removeOldest(): void {
    const record = this.#tail
    const ints = this.ints
    const o = record * RECORD
    const parent = ints[o + Field.parent]!
    if (parent !== NONE) {
      const next = ints[o + Field.next]!
      const previous = ints[o + Field.previous]!
      if (previous === NONE) ints[parent * RECORD + Field.firstChild] = next
      else ints[previous * RECORD + Field.next] = next
      if (next !== NONE) ints[next * RECORD + Field.previous] = previous
    }
    for (let child = ints[o + Field.firstChild]!; child !== NONE; ) {
      const c = child * RECORD
      child = ints[c + Field.next]!
      ints[c + Field.parent] = NONE
      ints[c + Field.next] = NONE
      ints[c + Field.previous] = NONE
    }
    if ((ints[o + Field.flags]! & KEYLESS) === 0) this.#leave(record, hash(ints[o]!, ints[o + 1]!))
    this.#tail = (record + 1) & (this.capacity - 1)
    this.size--
  }

  #enter(record: number, h: number): void {
    const index = this.#index
    const mask = index.length - 1
    let at = h & mask
    while ((index[at]! & this.capacity) !== 0) at = (at + 1) & mask
    if (index[at] === EMPTY) this.#used++
    index[at] = (h & ~mask) | this.capacity | record
  }

  /**
   * Takes a record out of the index. Entries marked deleted are taken again by `#enter`, and go when what follows them
   * is empty: a run of entries never ends with one.
   */
  #leave(record: number, h: number): void {
    const index = this.#index
    const mask = index.length - 1
    const entry = (h & ~mask) | this.capacity | record
    let at = h & mask
    while (index[at] !== entry) at = (at + 1) & mask
    index[at] = DELETED
    if (index[(at + 1) & mask] !== EMPTY) return
    for (; index[at] === DELETED; at = (at - 1) & mask) {
      index[at] = EMPTY
      this.#used--
    }
  }

  /** Moves the records to a ring of another size; the oldest becomes record 0, and links follow. */
  #resize(capacity: number): void {
    const old = this.ints
    const oldMask = this.capacity - 1
    const tail = this.#tail
    const buffer = new ArrayBuffer(capacity * RECORD * 4)
    const ints = new Int32Array(buffer)
    const straight = Math.min(this.size, this.capacity - tail)
    ints.set(old.subarray(tail * RECORD, (tail + straight) * RECORD))
    ints.set(old.subarray(0, (this.size - straight) * RECORD), straight * RECORD)
    // at once, not with the next collection: a ring that grows would hold twice the memory meanwhile
    this.doubles.buffer.transfer(0)
    this.#index.buffer.transfer(0)
    this.capacity = capacity
    this.ints = ints
    this.doubles = new Float64Array(buffer)
    this.floats = new Float32Array(buffer)
    this.#index = new Int32Array(capacity * 2)
    this.#used = 0
    this.#tail = 0
    for (let record = 0; record < this.size; record++) {
      const o = record * RECORD
      for (let field: number = Field.parent; field <= Field.previous; field++) {
        const link = ints[o + field]!
        if (link !== NONE) ints[o + field] = (link - tail) & oldMask
      }
      if ((ints[o + Field.flags]! & KEYLESS) === 0) this.#enter(record, hash(ints[o]!, ints[o + 1]!))
    }
  }
}
