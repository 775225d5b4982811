import { describe, expect, it } from 'vitest'
import { PendingSpans } from './pending.ts'
import { Field, hash, NONE, RECORD } from './record.ts'

const add = (pending: PendingSpans, key: number) => {
  pending.reserve(1)
  return pending.add(key, key * 7, key << 16, hash(key, key * 7))
}
const find = (pending: PendingSpans, key: number) => pending.find(key, key * 7, key << 16, hash(key, key * 7))

describe('PendingSpans', () => {
  it('finds what is there and nothing else, through growth, eviction, expiry and shrinking', () => {
    const evicted: number[] = []
    const pending = new PendingSpans(16_384, (record) => evicted.push(pending.ints[record * RECORD]!))
    // enough turns for deleted entries to fill an index that did not take them again
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

  it('keeps relatives together when records move', () => {
    const pending = new PendingSpans(100_000, () => {})
    for (let key = 1; key <= 4000; key++) add(pending, key)
    while (pending.size > 10) pending.removeOldest()
    const parent = add(pending, 5000)
    const child = add(pending, 5001)
    pending.link(parent, child)
    pending.setTimes(child, 12.5, 3)
    for (let key = 6000; key < 12_000; key++) add(pending, key)
    const [movedParent, movedChild] = [find(pending, 5000), find(pending, 5001)]
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
