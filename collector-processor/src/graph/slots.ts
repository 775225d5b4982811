/** Head of a cell: owner, slot from the base, and how many sequence numbers ago its owner's next older cell came (0 = none). */
const HEAD = 3

/**
 * Sums per owner (an operation, an edge, a node) and time slot, in one ring of cells: only a slot in which an owner was
 * seen takes a cell. Cells of an owner form a chain from the newest slot to the oldest, so that late values still find
 * theirs. The ring starts small and doubles up to `limit` cells; then, or once its oldest cell is past the history
 * (`horizon`), the oldest cell is reused. A cell takes 12 bytes and 8 for each field.
 */
export class SlotSeries {
  readonly fields: number
  /** Slots before this one are no longer needed. */
  horizon = Number.NEGATIVE_INFINITY
  /** Cells that were reused although their slot was still within history. */
  lost = 0
  #heads: Int32Array
  #values: Float64Array
  #capacity: number
  #limit: number
  /** Slot of the first value of all: from it 32 bits reach years in either direction. */
  #base = Number.NaN
  /** Sequence number of the newest cell of each owner. */
  #newest = new Float64Array(64)
  /** The cell that each owner used last. A cell is alive until it is written over, with another owner or slot. */
  #recent = new Int32Array(64)
  #next = 1
  #tail = 1

  constructor(fields: number, limit: number) {
    this.fields = fields
    this.#limit = roundedUp(limit)
    this.#capacity = Math.min(1024, this.#limit)
    this.#heads = new Int32Array(this.#capacity * HEAD)
    this.#values = new Float64Array(this.#capacity * fields)
  }

  /** Most cells that it holds from now on; the oldest of those that are too many are lost at once, and their memory is given back. */
  set limit(cells: number) {
    this.#limit = roundedUp(cells)
    if (this.#capacity <= this.#limit) return
    const tail = Math.max(this.#tail, this.#next - this.#limit)
    for (; this.#tail < tail; this.#tail++)
      if (this.#base + this.#heads[this.#place(this.#tail) * HEAD + 1]! >= this.horizon) this.lost++
    this.#resize(this.#limit)
  }

  add(owner: number, slot: number, field: number, amount: number): void {
    const at = this.#cell(owner, slot) * this.fields + field
    this.#values[at] = this.#values[at]! + amount
  }

  add2(owner: number, slot: number, field: number, amount: number, field2: number, amount2: number): void {
    const at = this.#cell(owner, slot) * this.fields
    this.#values[at + field] = this.#values[at + field]! + amount
    this.#values[at + field2] = this.#values[at + field2]! + amount2
  }

  /** Forgets an owner, so that its number can be given to another. */
  forget(owner: number): void {
    if (owner >= this.#newest.length) return
    this.#newest[owner] = 0
    this.#recent[owner] = 0
  }

  /** Calls `visit` with each slot of the owner, newest first, and a reader of its fields. */
  each(owner: number, visit: (slot: number, read: (field: number) => number) => void): void {
    if (owner >= this.#newest.length) return
    for (let sequence = this.#newest[owner]!; sequence >= this.#tail; ) {
      const cell = this.#place(sequence)
      const head = cell * HEAD
      if (this.#heads[head] !== owner) return
      visit(this.#base + this.#heads[head + 1]!, (field) => this.#values[cell * this.fields + field]!)
      const back = this.#heads[head + 2]!
      if (back === 0) return
      sequence -= back
    }
  }

  /** Calls `visit` with each cell, oldest first, and forgets them all. */
  drain(visit: (owner: number, slot: number, read: (field: number) => number) => void): void {
    for (let sequence = this.#tail; sequence < this.#next; sequence++) {
      const cell = this.#place(sequence)
      const owner = this.#heads[cell * HEAD]!
      visit(
        owner,
        this.#base + this.#heads[cell * HEAD + 1]!,
        (field) => this.#values[cell * this.fields + field]!,
      )
      this.forget(owner)
    }
    this.#tail = this.#next
    this.#base = Number.NaN
  }

  /** Adds up each field over slots first … last into `sums`; gives how many of these slots the owner was seen in. */
  totals(owner: number, first: number, last: number, sums: Float64Array): number {
    const { fields } = this
    sums.fill(0, 0, fields)
    if (owner >= this.#newest.length) return 0
    const heads = this.#heads
    const values = this.#values
    const [from, to] = [first - this.#base, last - this.#base]
    let seen = 0
    for (let sequence = this.#newest[owner]!; sequence >= this.#tail; ) {
      const cell = this.#place(sequence)
      const head = cell * HEAD
      const slot = heads[head + 1]!
      if (heads[head] !== owner || slot < from) break
      if (slot <= to) {
        seen++
        for (let field = 0; field < fields; field++) sums[field]! += values[cell * fields + field]!
      }
      const back = heads[head + 2]!
      if (back === 0) break
      sequence -= back
    }
    return seen
  }

  #cell(owner: number, slot: number): number {
    const recent = this.#recent
    if (owner < recent.length) {
      const cell = recent[owner]!
      const head = cell * HEAD
      if (this.#heads[head + 1] === slot - this.#base && this.#heads[head] === owner && cell !== 0)
        return cell
    } else this.#reach(owner)
    if (Number.isNaN(this.#base)) this.#base = slot
    const cell = this.#search(owner, slot - this.#base)
    this.#recent[owner] = cell
    return cell
  }

  #reach(owner: number): void {
    this.#newest = grown(this.#newest, owner + 1)
    const recent = new Int32Array(this.#newest.length)
    recent.set(this.#recent)
    this.#recent = recent
  }

  /** The cell of a slot, counted from the base; made when there is none. */
  #search(owner: number, slot: number): number {
    let newer = 0
    let sequence = this.#newest[owner]!
    while (sequence >= this.#tail) {
      const cell = this.#place(sequence)
      const found = this.#heads[cell * HEAD + 1]!
      if (found === slot) return cell
      if (found < slot) break
      newer = sequence
      const back = this.#heads[cell * HEAD + 2]!
      sequence = back === 0 ? 0 : sequence - back
    }
    return this.#insert(owner, slot, newer, sequence)
  }

  /** Where the cell of a sequence number is. The number may outgrow 32 bits, its lower ones are exact for 2^53. */
  #place(sequence: number): number {
    return sequence & (this.#capacity - 1)
  }

  #insert(owner: number, slot: number, newer: number, older: number): number {
    if (this.#next - this.#tail >= this.#capacity) {
      const oldest = this.#base + this.#heads[this.#place(this.#tail) * HEAD + 1]!
      if (oldest >= this.horizon && this.#capacity < this.#limit) this.#resize(this.#capacity * 2)
      else {
        if (oldest >= this.horizon) this.lost++
        this.#tail++
      }
    }
    const sequence = this.#next++
    const cell = this.#place(sequence)
    const heads = this.#heads
    this.#values.fill(0, cell * this.fields, (cell + 1) * this.fields)
    heads[cell * HEAD] = owner
    heads[cell * HEAD + 1] = slot
    heads[cell * HEAD + 2] = older >= this.#tail ? sequence - older : 0
    // a late slot comes behind a cell that was made before its own: back is negative then
    if (newer >= this.#tail) heads[this.#place(newer) * HEAD + 2] = newer - sequence
    else this.#newest[owner] = sequence
    return cell
  }

  #resize(to: number): void {
    const [heads, values, capacity] = [this.#heads, this.#values, this.#capacity]
    const { fields } = this
    this.#recent.fill(0)
    this.#capacity = to
    this.#heads = new Int32Array(this.#capacity * HEAD)
    this.#values = new Float64Array(this.#capacity * fields)
    for (let sequence = this.#tail; sequence < this.#next; sequence++) {
      const from = sequence & (capacity - 1)
      const to = this.#place(sequence)
      this.#heads.set(heads.subarray(from * HEAD, (from + 1) * HEAD), to * HEAD)
      this.#values.set(values.subarray(from * fields, (from + 1) * fields), to * fields)
    }
  }
}
const roundedUp = (cells: number) => 2 ** Math.ceil(Math.log2(Math.max(16, cells)))

/** A copy of at least `length` values, doubled so that growing is linear in all. */
export function grown(values: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const copy = new Float64Array(Math.max(length, values.length * 2))
  copy.set(values)
  return copy
}
