/** Ahead of the values in a cell: owner, slot number, sequence number of the owner's next older cell. */
const HEAD = 3

/**
 * Sums per owner (an operation, an edge, a node) and time slot, in one ring of cells: only a slot in which an owner was
 * seen takes a cell. Cells of an owner form a chain from the newest slot to the oldest, so that late values still find
 * theirs. The ring starts small and doubles up to `limit` cells; then, or once its oldest cell is past the history
 * (`horizon`), the oldest cell is reused.
 */
export class SlotSeries {
  readonly fields: number
  /** Slots before this one are no longer needed. */
  horizon = Number.NEGATIVE_INFINITY
  /** Cells that were reused although their slot was still within history. */
  lost = 0
  #cells: Float64Array
  #capacity: number
  readonly #limit: number
  readonly #stride: number
  #heads = new Float64Array(64)
  /** Where the cell is that each owner used last. A cell is alive until it is written over, with another owner or slot. */
  #recent = new Int32Array(64)
  #next = 1
  #tail = 1

  constructor(fields: number, limit: number) {
    this.fields = fields
    this.#stride = HEAD + fields
    this.#limit = 2 ** Math.ceil(Math.log2(Math.max(16, limit)))
    this.#capacity = Math.min(1024, this.#limit)
    this.#cells = new Float64Array(this.#capacity * this.#stride)
  }

  add(owner: number, slot: number, field: number, amount: number): void {
    const at = this.#cell(owner, slot) + HEAD + field
    this.#cells[at] = this.#cells[at]! + amount
  }

  add2(owner: number, slot: number, field: number, amount: number, field2: number, amount2: number): void {
    const at = this.#cell(owner, slot) + HEAD
    this.#cells[at + field] = this.#cells[at + field]! + amount
    this.#cells[at + field2] = this.#cells[at + field2]! + amount2
  }

  /** Forgets an owner, so that its number can be given to another. */
  forget(owner: number): void {
    if (owner >= this.#heads.length) return
    this.#heads[owner] = 0
    this.#recent[owner] = 0
  }

  /** Calls `visit` with each slot of the owner, newest first, and a reader of its fields. */
  each(owner: number, visit: (slot: number, read: (field: number) => number) => void): void {
    if (owner >= this.#heads.length) return
    for (let sequence = this.#heads[owner]!; sequence >= this.#tail; ) {
      const at = this.#place(sequence)
      if (this.#cells[at] !== owner) return
      visit(this.#cells[at + 1]!, (field) => this.#cells[at + HEAD + field]!)
      sequence = this.#cells[at + 2]!
    }
  }

  #cell(owner: number, slot: number): number {
    const recent = this.#recent
    if (owner < recent.length) {
      const at = recent[owner]!
      if (this.#cells[at + 1] === slot && this.#cells[at] === owner && at !== 0) return at
    }
    const at = this.#search(owner, slot)
    this.#recent[owner] = at
    return at
  }

  #search(owner: number, slot: number): number {
    if (owner >= this.#heads.length) {
      this.#heads = grown(this.#heads, owner + 1)
      this.#recent = new Int32Array(this.#heads.length)
    }
    const cells = this.#cells
    let newer = 0
    let sequence = this.#heads[owner]!
    while (sequence >= this.#tail) {
      const at = this.#place(sequence)
      const found = cells[at + 1]!
      if (found === slot) return at
      if (found < slot) break
      newer = sequence
      sequence = cells[at + 2]!
    }
    return this.#insert(owner, slot, newer, sequence)
  }

  /** Where the cell of a sequence number is. The number may outgrow 32 bits, its lower ones are exact for 2^53. */
  #place(sequence: number): number {
    return (sequence & (this.#capacity - 1)) * this.#stride
  }

  #insert(owner: number, slot: number, newer: number, older: number): number {
    if (this.#next - this.#tail >= this.#capacity) {
      const oldest = this.#cells[this.#place(this.#tail) + 1]!
      if (oldest >= this.horizon && this.#capacity < this.#limit) this.#grow()
      else {
        if (oldest >= this.horizon) this.lost++
        this.#tail++
      }
    }
    const sequence = this.#next++
    const at = this.#place(sequence)
    const cells = this.#cells
    cells.fill(0, at, at + this.#stride)
    cells[at] = owner
    cells[at + 1] = slot
    cells[at + 2] = older >= this.#tail ? older : 0
    if (newer >= this.#tail) cells[this.#place(newer) + 2] = sequence
    else this.#heads[owner] = sequence
    return at
  }

  #grow(): void {
    const old = this.#cells
    const oldCapacity = this.#capacity
    this.#recent.fill(0)
    this.#capacity *= 2
    this.#cells = new Float64Array(this.#capacity * this.#stride)
    for (let sequence = this.#tail; sequence < this.#next; sequence++) {
      const from = (sequence & (oldCapacity - 1)) * this.#stride
      this.#cells.set(old.subarray(from, from + this.#stride), this.#place(sequence))
    }
  }
}

/** A copy of at least `length` values, doubled so that growing is linear in all. */
export function grown(values: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const copy = new Float64Array(Math.max(length, values.length * 2))
  copy.set(values)
  return copy
}
