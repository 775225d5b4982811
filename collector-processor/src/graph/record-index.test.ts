import { seeded } from '@adf/detectors'
import { describe, expect, it } from 'vitest'
import { Field, hash, NONE, RECORD } from './record.ts'
import { RecordIndex } from './record-index.ts'

/** Keys whose hashes have the same home in an index of so many entries. */
function keysAt(home: number, entries: number, count: number): number[] {
  const keys: number[] = []
  for (let key = 1; keys.length < count; key++) if ((hash(key, 0) & (entries - 1)) === home) keys.push(key)
  return keys
}

describe('RecordIndex', () => {
  it('finds the rest of a long run whatever leaves it, also where the run goes around its end', () => {
    const rng = seeded(3)
    // 90 with one home, far beyond what an entry says of its distance; 60 with the homes behind it, pushed away by them
    const keys = [8190, 8191, 3].flatMap((home, i) => keysAt(home, 8192, [90, 30, 30][i] ?? 0))
    const ints = new Int32Array(keys.length * RECORD)
    for (const [record, key] of keys.entries()) {
      ints[record * RECORD] = key
      ints[record * RECORD + Field.flags] = key << 16
    }
    const index = new RecordIndex(1000, 4096)
    const find = (record: number) => {
      const key = keys[record] ?? 0
      return index.find(ints, key, 0, key << 16, hash(key, 0))
    }
    const there = new Set<number>()
    for (let turn = 0; turn < 5000; turn++) {
      const record = Math.floor(rng() * keys.length)
      const h = hash(keys[record] ?? 0, 0)
      if (there.delete(record)) index.leave(ints, record, h)
      else {
        index.enter(ints, record, h)
        there.add(record)
      }
      if (turn % 50 === 0)
        for (let each = 0; each < keys.length; each++) expect(find(each)).toBe(there.has(each) ? each : NONE)
    }
    for (const record of there) index.leave(ints, record, hash(keys[record] ?? 0, 0))
    for (let each = 0; each < keys.length; each++) expect(index.home(hash(keys[each] ?? 0, 0))).toBe(0)
  })

  it.each([1000, 1_000_000, 2 ** 27 - 1])('tells records apart with numbers up to %d', (numbers) => {
    const ints = new Int32Array(3 * RECORD).fill(0)
    ints[0] = 5
    ints[RECORD] = 6
    const index = new RecordIndex(1000, numbers)
    index.enter(ints, 0, hash(5, 0))
    index.enter(ints, 1, hash(6, 0))
    expect(index.find(ints, 5, 0, 0, hash(5, 0))).toBe(0)
    expect(index.find(ints, 6, 0, 0, hash(6, 0))).toBe(1)
    expect(index.find(ints, 7, 0, 0, hash(7, 0))).toBe(NONE)
  })
})
