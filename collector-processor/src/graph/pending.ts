/** Words of one record; 64 bytes, a cache line. */
const WORDS = 16
const HALF = WORDS / 2

/** Integer fields of a record. */
export const Field = {
  span0: 0,
  span1: 1,
  traceA: 2,
  traceB: 3,
  parent: 4,
  firstChild: 5,
  next: 6,
  previous: 7,
  operation: 12,
  flags: 13,
  edge: 14,
  /** String id of the peer's name, of a client span that waits for its server; until there is an edge. */
  peerName: 14,
  /** String id of the address of a client span. */
  address: 15,
} as const
/** Double fields of a record, in words of 64 bits. */
const START = 4
const DURATION = 5

export const NONE = -1

/**
 * The spans that may still meet a relative: a ring of records in order of arrival and an open-addressed index over it.
 * A record stays for the pairing window also when it has met everybody, so that a retry of its request is recognised.
 * Typed arrays only; starts small and doubles up to `limit`, then the oldest gives way.
 *
 * The key is the span id and 64 bits of the trace id (both halves mixed): two records are taken for one another with
 * probability 2^-128 per pair for random ids, 2^-64 for span ids that repeat in every trace.
 */
export class PendingSpans {
  /** Record r has its integers at r * 16 and its doubles at r * 8. */
  ints: Int32Array
  doubles: Float64Array
  capacity: number
  size = 0
  readonly #limit: number
  readonly #evict: (record: number) => void
  /** Pairs of hash and record + 1; 0 = free. The hash beside it spares a look at the record, which is out of cache. */
  #index: Int32Array
  #mask: number
  #tail = 0

  /** `limit` is rounded up to a power of two. `evict` is called before the oldest record gives way to a new one. */
  constructor(limit: number, evict: (record: number) => void) {
    this.#limit = 2 ** Math.ceil(Math.log2(Math.max(64, limit)))
    this.#evict = evict
    this.capacity = Math.min(4096, this.#limit)
    const buffer = new ArrayBuffer(this.capacity * WORDS * 4)
    this.ints = new Int32Array(buffer)
    this.doubles = new Float64Array(buffer)
    this.#index = new Int32Array(this.capacity * 4)
    this.#mask = this.capacity * 2 - 1
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

  /** Oldest record, or NONE. */
  get oldest(): number {
    return this.size === 0 ? NONE : this.#tail
  }

  /** Makes room for `count` records, so that none moves while they are made. */
  reserve(count: number): void {
    while (this.size + count > this.capacity && this.capacity < this.#limit) this.#grow()
    while (this.size + count > this.capacity) {
      this.#evict(this.#tail)
      this.removeOldest()
    }
  }

  find(traceA: number, traceB: number, span0: number, span1: number): number {
    const ints = this.ints
    const index = this.#index
    const mask = this.#mask
    const h = hash(traceA, traceB, span0, span1)
    for (let at = h & mask; ; at = (at + 1) & mask) {
      const record = index[2 * at + 1]! - 1
      if (record < 0) return NONE
      if (index[2 * at] !== h) continue
      const o = record * WORDS
      if (ints[o + 1] === span1 && ints[o] === span0 && ints[o + 2] === traceA && ints[o + 3] === traceB)
        return record
    }
  }

  /** A new record with a key that `find` has not found. Call `reserve` first. */
  add(traceA: number, traceB: number, span0: number, span1: number): number {
    const record = this.addKeyless()
    const o = record * WORDS
    const ints = this.ints
    ints[o] = span0
    ints[o + 1] = span1
    ints[o + 2] = traceA
    ints[o + 3] = traceB
    this.#enter(record)
    return record
  }

  /** A record that can be linked but not found: one end of a span link. */
  addKeyless(): number {
    const record = (this.#tail + this.size) & (this.capacity - 1)
    this.size++
    const o = record * WORDS
    const ints = this.ints
    ints.fill(0, o, o + WORDS)
    ints[o + Field.parent] = NONE
    ints[o + Field.firstChild] = NONE
    ints[o + Field.next] = NONE
    ints[o + Field.previous] = NONE
    ints[o + Field.edge] = NONE
    return record
  }

  /** Puts `child` at the head of the children of `parent`. */
  link(parent: number, child: number): void {
    const ints = this.ints
    const head = ints[parent * WORDS + Field.firstChild]!
    ints[child * WORDS + Field.parent] = parent
    ints[child * WORDS + Field.next] = head
    if (head !== NONE) ints[head * WORDS + Field.previous] = child
    ints[parent * WORDS + Field.firstChild] = child
  }

  /** Unlinks the oldest record from its relatives and forgets it. */
  removeOldest(): void {
    const record = this.#tail
    const ints = this.ints
    const o = record * WORDS
    const parent = ints[o + Field.parent]!
    if (parent !== NONE) {
      const next = ints[o + Field.next]!
      const previous = ints[o + Field.previous]!
      if (previous === NONE) ints[parent * WORDS + Field.firstChild] = next
      else ints[previous * WORDS + Field.next] = next
      if (next !== NONE) ints[next * WORDS + Field.previous] = previous
    }
    for (let child = ints[o + Field.firstChild]!; child !== NONE; ) {
      const c = child * WORDS
      child = ints[c + Field.next]!
      ints[c + Field.parent] = NONE
      ints[c + Field.next] = NONE
      ints[c + Field.previous] = NONE
    }
    this.#leave(record)
    this.#tail = (record + 1) & (this.capacity - 1)
    this.size--
  }

  #enter(record: number): void {
    const index = this.#index
    const h = this.#hash(record)
    let at = h & this.#mask
    while (index[2 * at + 1] !== 0) at = (at + 1) & this.#mask
    index[2 * at] = h
    index[2 * at + 1] = record + 1
  }

  /** Takes a record out of the index, closing the gap (Knuth 6.4, algorithm R). A keyless record is not in it. */
  #leave(record: number): void {
    const index = this.#index
    const mask = this.#mask
    let hole = this.#hash(record) & mask
    while (index[2 * hole + 1] !== record + 1) {
      if (index[2 * hole + 1] === 0) return
      hole = (hole + 1) & mask
    }
    for (let at = (hole + 1) & mask; index[2 * at + 1] !== 0; at = (at + 1) & mask) {
      const home = index[2 * at]! & mask
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        index[2 * hole] = index[2 * at]!
        index[2 * hole + 1] = index[2 * at + 1]!
        hole = at
      }
    }
    index[2 * hole] = 0
    index[2 * hole + 1] = 0
  }

  #hash(record: number): number {
    const o = record * WORDS
    const ints = this.ints
    return hash(ints[o + 2]!, ints[o + 3]!, ints[o]!, ints[o + 1]!)
  }

  /** Doubles the ring; the oldest record becomes record 0, and links follow. */
  #grow(): void {
    const old = this.ints
    const oldMask = this.capacity - 1
    const tail = this.#tail
    const indexed = new Uint8Array(this.capacity)
    for (let i = 1; i < this.#index.length; i += 2) if (this.#index[i] !== 0) indexed[this.#index[i]! - 1] = 1
    this.capacity *= 2
    const buffer = new ArrayBuffer(this.capacity * WORDS * 4)
    this.ints = new Int32Array(buffer)
    this.doubles = new Float64Array(buffer)
    this.#index = new Int32Array(this.capacity * 4)
    this.#mask = this.capacity * 2 - 1
    this.#tail = 0
    for (let i = 0; i < this.size; i++) {
      const from = (tail + i) & oldMask
      const o = i * WORDS
      this.ints.set(old.subarray(from * WORDS, from * WORDS + WORDS), o)
      for (const field of [Field.parent, Field.firstChild, Field.next, Field.previous]) {
        const link = this.ints[o + field]!
        if (link !== NONE) this.ints[o + field] = (link - tail) & oldMask
      }
      if (indexed[from] === 1) this.#enter(i)
    }
  }
}

/** Words of one record, for callers that index `ints` themselves. */
export const RECORD = WORDS

function hash(traceA: number, traceB: number, span0: number, span1: number): number {
  let h = Math.imul(span1 ^ traceA, 0x9e3779b1) ^ Math.imul(span0 ^ traceB, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  return h ^ (h >>> 13)
}
