import { type Rng, seeded } from '@adf/detectors'
import { describe, expect, it } from 'vitest'
import { PendingSpans } from './pending.ts'
import { Field, hash, NONE, RECORD } from './record.ts'

const add = (pending: PendingSpans, key: number) => {
  pending.reserve(1)
  return pending.add(key, key * 7, key << 16, hash(key, key * 7))
}
const find = (pending: PendingSpans, key: number) => pending.find(key, key * 7, key << 16, hash(key, key * 7))

const MOST = 50_000

/** Beside a list that says what ought to be there. */
class Beside {
  readonly pending = new PendingSpans(MOST, () => this.#keys.shift())
  readonly wrong: object[] = []
  readonly #rng: Rng
  /** 0: the end of a link, which cannot be found. */
  readonly #keys: number[] = []
  #last = 0

  constructor(rng: Rng) {
    this.#rng = rng
  }

  add(count: number): void {
    for (let left = count; left > 0; left--) {
      const keyless = this.#rng() < 0.1
      if (keyless) {
        this.pending.reserve(1)
        this.pending.addKeyless()
      } else add(this.pending, ++this.#last)
      this.#keys.push(keyless ? 0 : this.#last)
    }
  }

  leave(count: number): void {
    for (const key of this.#keys.splice(0, count)) {
      this.#expect(this.pending.oldest, key)
      this.pending.removeOldest()
      if (key > 0 && find(this.pending, key) !== NONE) this.wrong.push({ gone: key })
    }
  }

  look(): void {
    if (this.pending.size !== this.#keys.length) this.wrong.push({ size: this.#keys.length })
    for (const key of this.#keys) if (key > 0 && this.#rng() < 0.1) this.#expect(find(this.pending, key), key)
  }

  #expect(record: number, key: number): void {
    if (this.pending.ints[record * RECORD] !== key) this.wrong.push({ record, key })
  }
}

describe('PendingSpans', () => {
  it('finds what is there and nothing else, through growth, eviction, expiry and shrinking', () => {
    const evicted: number[] = []
    const pending = new PendingSpans(16_384, (record) => evicted.push(pending.ints[record * RECORD]!))
    for (let key = 1; key <= 100_000; key++) add(pending, key)
    expect(evicted).toHaveLength(100_000 - 16_384)
    expect(evicted.at(-1)).toBe(100_000 - 16_384)
    expect(find(pending, 100_000 - 16_384)).toBe(NONE)
    for (let key = 100_001 - 16_384; key <= 100_000; key++)
      expect(pending.ints[find(pending, key) * RECORD]).toBe(key)
    while (pending.size > 100) pending.removeOldest()
    pending.shrink()
    expect(pending.capacity).toBe(4096)
    for (let key = 99_000; key <= 100_000; key++) expect(find(pending, key) !== NONE).toBe(key > 99_900)
  })

  it('is a queue and a map under any load', () => {
    const rng = seeded(7)
    const beside = new Beside(rng)
    for (let turn = 0; turn < 100; turn++) {
      beside.add(Math.floor(rng() ** 4 * 30_000))
      const { size } = beside.pending
      beside.leave(rng() < 0.1 ? size : Math.floor(rng() ** 4 * size))
      if (rng() < 0.2) beside.pending.shrink()
      beside.look()
    }
    expect(beside.wrong).toEqual([])
    expect(beside.pending.capacity).toBeLessThanOrEqual(MOST + 2 * 4096)
  })

  it('keeps the numbers of records while it grows', () => {
    const pending = new PendingSpans(100_000, () => {})
    for (let key = 1; key <= 4000; key++) add(pending, key)
    while (pending.size > 10) pending.removeOldest()
    const parent = add(pending, 5000)
    const child = add(pending, 5001)
    pending.link(parent, child)
    pending.setTimes(child, 12.5, 3)
    for (let key = 6000; key < 26_000; key++) add(pending, key)
    expect([find(pending, 5000), find(pending, 5001)]).toEqual([parent, child])
  })

  it('keeps relatives together when memory is given back', () => {
    const pending = new PendingSpans(100_000, () => {})
    for (let key = 1; key <= 60_000; key++) add(pending, key)
    const parent = add(pending, 70_000)
    for (let key = 80_000; key < 84_096; key++) add(pending, key)
    const child = add(pending, 90_000)
    pending.link(parent, child)
    pending.setTimes(child, 12.5, 3)
    while (pending.ints[pending.oldest * RECORD] !== 70_000) pending.removeOldest()
    pending.shrink()
    const [movedParent, movedChild] = [find(pending, 70_000), find(pending, 90_000)]
    expect(movedChild).not.toBe(child)
    expect(pending.ints[movedParent * RECORD + Field.firstChild]).toBe(movedChild)
    expect(pending.ints[movedChild * RECORD + Field.parent]).toBe(movedParent)
    expect(pending.end(movedChild)).toBe(15.5)
  })

  it('tells keys apart that have the same hash', () => {
    const pending = new PendingSpans(1000, () => {})
    pending.reserve(2)
    const one = pending.add(1, 2, 0x10000, 77)
    const other = pending.add(1, 2, 0x20000, 77)
    expect(pending.find(1, 2, 0x10000, 77)).toBe(one)
    expect(pending.find(1, 2, 0x20000, 77)).toBe(other)
    expect(pending.find(1, 3, 0x10000, 77)).toBe(NONE)
  })
})
