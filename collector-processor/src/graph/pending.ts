import * as layout from './record.ts'
import { RecordIndex } from './record-index.ts'

// V8 reads what a module imports or exports anew at each use; constants of the module alone are compiled in
const { Field, hash, KEY_BITS, KEYLESS, NONE, RECORD } = layout

const HALF = RECORD / 2
/** Double fields of a record, in words of 64 bits. */
const START = 3
const DURATION = 4

/** Records of a chunk. */
const CHUNK = 4096

/**
 * The spans that may still meet a relative, oldest first, and an index over them. A record stays for the pairing window also when it has met everybody, so that a retry of its
 * request is recognised. Records live in chunks of one buffer, which are used again, in any order, once all their records are gone: a record keeps its number until
 * `shrink`, and growing is a copy of bytes. Typed arrays only; starts small and doubles up to `limit`, then the oldest gives way.
 *
 * Keys come from SpanKeys: two words and the upper half of a third.
 */
export class PendingSpans {
  /** Record r has its integers at r * RECORD and its doubles at half of that. */
  ints!: Int32Array<ArrayBuffer>
  doubles!: Float64Array<ArrayBuffer>
  floats!: Float32Array<ArrayBuffer>
  size = 0
  /** Records ever added. */
  added = 0
  readonly #limit: number
  readonly #evict: (record: number) => void
  readonly #index: RecordIndex
  /** One more than `limit` needs: the oldest chunk and the newest may both be in part empty. */
  readonly #chunks: number
  /** The chunk that was begun after each. */
  readonly #following: Int32Array
  /** Chunks below `#begun` that hold nothing, the last to be used first: it is in the cache. */
  #free: number[] = []
  #begun = 0
  #oldest = 0
  /** Where the next record comes to be, unless a chunk ends there. */
  #next = 0
  #touched = 0

  /** `evict` is called before the oldest record gives way to a new one. */
  constructor(limit: number, evict: (record: number) => void) {
    this.#limit = limit
    this.#evict = evict
    this.#chunks = Math.ceil(limit / CHUNK) + 1
    this.#following = new Int32Array(this.#chunks)
    this.#index = new RecordIndex(limit, this.#chunks * CHUNK)
    this.#allocate(1)
  }

  /** Records that memory is held for. */
  get capacity(): number {
    return this.ints.length / RECORD
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
    return this.size === 0 ? NONE : this.#oldest
  }

  /** Makes room for `count` records, at most a chunk of them, so that the arrays stay the same while they are made. */
  reserve(count: number): void {
    while (this.size + count > this.#limit && this.size > 0) {
      this.#evict(this.#oldest)
      this.removeOldest()
    }
    const begun = CHUNK - (this.#next % CHUNK || CHUNK)
    if (begun < count && this.#free.length === 0 && this.#begun * CHUNK === this.capacity) this.#grow()
  }

  /** Whether `count` more records drive out as many. */
  full(count: number): boolean {
    return this.size + count > this.#limit
  }

  /** As the index does it. */
  touch(words: Int32Array, first: number, step: number, end: number): void {
    this.#touched = this.#index.touch(this.ints, words, first, step, end) | 0
  }

  /** As `touch`, for `removeOldest` of the `count` oldest. */
  touchOldest(count: number): void {
    const ints = this.ints
    let sum = 0
    let record = this.#oldest
    for (let left = Math.min(count, this.size); left > 0; left--) {
      const o = record * RECORD
      sum += this.#index.home(hash(ints[o]!, ints[o + 1]!))
      const parent = ints[o + Field.parent]!
      const child = ints[o + Field.firstChild]!
      if (parent !== NONE) sum += ints[parent * RECORD]!
      if (child !== NONE) sum += ints[child * RECORD]!
      record = this.#after(record)
    }
    this.#touched = sum | 0
  }

  /** What `touch` read; only there so that the reading is not optimised away. */
  get touched(): number {
    return this.#touched
  }

  /** The record with this key, or NONE. `h` is `hash(key0, key1)`. */
  find(key0: number, key1: number, key2: number, h: number): number {
    return this.#index.find(this.ints, key0, key1, key2, h)
  }

  /** A new record with a key that `find` has not found. Call `reserve` first. */
  add(key0: number, key1: number, key2: number, h: number): number {
    const record = this.#append(key0, key1, key2 & KEY_BITS)
    this.#index.enter(this.ints, record, h)
    return record
  }

  /** A record that can be linked but not found: one end of a span link. */
  addKeyless(): number {
    return this.#append(0, 0, KEYLESS)
  }

  #append(key0: number, key1: number, flags: number): number {
    if (this.#next % CHUNK === 0) this.#begin()
    const record = this.#next++
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
    const record = this.#oldest
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
    if ((ints[o + Field.flags]! & KEYLESS) === 0)
      this.#index.leave(ints, record, hash(ints[o]!, ints[o + 1]!))
    this.#oldest = this.#after(record)
    if ((record + 1) % CHUNK === 0) this.#free.push((record / CHUNK) | 0)
    this.size--
  }

  /** Gives memory back that the load of the past needed and that of now does not; records get other numbers, and links follow. */
  shrink(): void {
    if (this.size * 8 > this.capacity || this.capacity <= CHUNK) return
    const { ints, size } = this
    const skipped = this.#oldest % CHUNK
    const places = new Int32Array(this.#chunks)
    const room = Math.ceil((2 * size + 1) / CHUNK)
    this.#allocate(room)
    for (let place = 0, chunk = (this.#oldest / CHUNK) | 0; place * CHUNK < skipped + size; place++) {
      const from = place === 0 ? skipped : 0
      const to = Math.min(CHUNK, skipped + size - place * CHUNK)
      this.ints.set(
        ints.subarray((chunk * CHUNK + from) * RECORD, (chunk * CHUNK + to) * RECORD),
        (place * CHUNK + from - skipped) * RECORD,
      )
      places[chunk] = place
      chunk = this.#following[chunk]!
    }
    ints.buffer.transfer(0)
    this.#index.reset(size)
    for (let record = 0; record < size; record++) {
      const o = record * RECORD
      for (let field: number = Field.parent; field <= Field.previous; field++) {
        const link = this.ints[o + field]!
        if (link !== NONE)
          this.ints[o + field] = places[(link / CHUNK) | 0]! * CHUNK + (link % CHUNK) - skipped
      }
      if ((this.ints[o + Field.flags]! & KEYLESS) === 0)
        this.#index.enter(this.ints, record, hash(this.ints[o]!, this.ints[o + 1]!))
    }
    this.#free = []
    this.#begun = Math.ceil(size / CHUNK)
    for (let chunk = 0; chunk < this.#begun; chunk++) this.#following[chunk] = chunk + 1
    this.#oldest = 0
    this.#next = size
  }

  /** The record that came after one; anything after the newest. */
  #after(record: number): number {
    const next = record + 1
    return next % CHUNK === 0 ? this.#following[(record / CHUNK) | 0]! * CHUNK : next
  }

  /** The next record begins a chunk. */
  #begin(): void {
    const chunk = this.#free.pop() ?? this.#begun++
    if (this.size === 0) this.#oldest = chunk * CHUNK
    else this.#following[this.#next / CHUNK - 1] = chunk
    this.#next = chunk * CHUNK
  }

  #grow(): void {
    const old = this.ints
    this.#allocate(Math.min(this.#chunks, (2 * this.capacity) / CHUNK))
    this.ints.set(old)
    // at once, not with the next collection: meanwhile there would be both
    old.buffer.transfer(0)
  }

  #allocate(chunks: number): void {
    const buffer = new ArrayBuffer(chunks * CHUNK * RECORD * 4)
    this.ints = new Int32Array(buffer)
    this.doubles = new Float64Array(buffer)
    this.floats = new Float32Array(buffer)
  }
}
