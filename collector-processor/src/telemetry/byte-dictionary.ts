const NONE = -1
/** Longest walk over occupied slots. Chosen keys that collide cost this much and no more; they count as not kept. */
const MAX_PROBES = 128

/**
 * Bounded map from byte strings to dense ids 0, 1, 2 …; makes no object per look-up. Open addressing with linear probing,
 * at most half full, keys in one arena, bytes compared after their hashes agree.
 */
export class ByteDictionary {
  size = 0
  private readonly limit: number
  private readonly maxBytes: number
  private readonly seed: number
  private arena = new Uint8Array(4096)
  private used = 0
  private starts = new Uint32Array(257)
  private hashes = new Int32Array(256)
  /** id + 1; 0 = free. */
  private slots = new Uint32Array(512)
  private mask = 511

  constructor(options: { limit: number; maxBytes: number; seed: number }) {
    this.limit = options.limit
    this.maxBytes = options.maxBytes
    this.seed = options.seed | 0
  }

  /** Id of the key, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return this.locate(bytes, start, end, hashBytes(bytes, start, end, this.seed))
  }

  /** Keeps a key that `find` does not know. Its new id, or -1 when a bound is reached. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start
    if (this.size >= this.limit || this.used + length > this.maxBytes) return NONE
    if (this.size * 2 >= this.slots.length) this.growSlots()
    const hash = hashBytes(bytes, start, end, this.seed)
    const slot = this.freeSlot(hash)
    if (slot === NONE) return NONE
    const id = this.size++
    this.reserve(length)
    this.arena.set(bytes.subarray(start, end), this.used)
    this.used += length
    this.starts[id + 1] = this.used
    this.hashes[id] = hash
    this.slots[slot] = id + 1
    return id
  }

  clear(): void {
    this.size = 0
    this.used = 0
    this.slots.fill(0)
  }

  /** Whether `id` is the key's. */
  is(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { arena, starts } = this
    const from = starts[id]!
    const length = end - start
    if (id >= this.size || starts[id + 1]! - from !== length) return false
    let i = 0
    while (i < length && arena[from + i] === bytes[start + i]) i++
    return i === length
  }

  /** The kept bytes; valid until the next `add`. */
  key(id: number): Uint8Array {
    return this.arena.subarray(this.starts[id], this.starts[id + 1])
  }

  private locate(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const { slots, hashes, starts, arena, mask } = this
    const length = end - start
    let slot = hash & mask
    for (let probe = 0; probe < MAX_PROBES; probe++, slot = (slot + 1) & mask) {
      const id = slots[slot]! - 1
      if (id < 0) return NONE
      if (hashes[id] !== hash) continue
      const from = starts[id]!
      if (starts[id + 1]! - from !== length) continue
      let i = 0
      while (i < length && arena[from + i] === bytes[start + i]) i++
      if (i === length) return id
    }
    return NONE
  }

  private freeSlot(hash: number): number {
    let slot = hash & this.mask
    for (let probe = 0; probe < MAX_PROBES; probe++, slot = (slot + 1) & this.mask) {
      if (this.slots[slot] === 0) return slot
    }
    return NONE
  }

  private growSlots(): void {
    this.slots = new Uint32Array(this.slots.length * 2)
    this.mask = this.slots.length - 1
    for (let id = 0; id < this.size; id++) {
      const slot = this.freeSlot(this.hashes[id]!)
      if (slot !== NONE) this.slots[slot] = id + 1
    }
  }

  private reserve(length: number): void {
    if (this.size >= this.hashes.length) {
      const starts = new Uint32Array(this.hashes.length * 2 + 1)
      const hashes = new Int32Array(this.hashes.length * 2)
      starts.set(this.starts)
      hashes.set(this.hashes)
      this.starts = starts
      this.hashes = hashes
    }
    if (this.used + length <= this.arena.length) return
    const arena = new Uint8Array(Math.max(this.arena.length * 2, this.used + length))
    arena.set(this.arena.subarray(0, this.used))
    this.arena = arena
  }
}

/** 32-bit multiplicative hash, four bytes at a time, finished as in MurmurHash3. */
function hashBytes(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let hash = seed ^ (end - start)
  let i = start
  for (const last = end - 3; i < last; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    hash = Math.imul(hash ^ word, 0x9e3779b1)
    hash ^= hash >>> 15
  }
  for (; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
