import { describe, expect, it } from 'vitest'
import { ModelError } from '../codec/model-error.ts'
import { LabelledSet } from './labelled-set.ts'

const make = (seed = 1, capacity = 50) => new LabelledSet({ features: ['a', 'b'], capacity, seed })

function filled(set: LabelledSet, from: number, to: number): LabelledSet {
  for (let i = from; i < to; i++) set.add(Float64Array.of(i, -i), i % 100 === 0)
  return set
}

describe('LabelledSet', () => {
  it('keeps few confirmed anomalies through a flood of false alarms', () => {
    const set = filled(make(), 0, 5000)
    expect(set.anomalous.length).toBe(50)
    expect(set.normal.length).toBe(50)
    expect(set.anomalous.every((vector) => vector[0]! % 100 === 0)).toBe(true)
    expect(set.normal.some((vector) => vector[0]! % 100 === 0)).toBe(false)
  })

  it('keeps each vector as likely as any other', () => {
    const kept = new Float64Array(10)
    for (let seed = 0; seed < 200; seed++)
      for (const vector of filled(make(seed, 50), 0, 1000).normal) kept[Math.floor(vector[0]! / 100)]!++
    // 1,000 each on average, deviation about 30.
    for (const count of kept) expect(Math.abs(count - 1000)).toBeLessThan(130)
  })

  it('takes a verdict back', () => {
    const set = filled(make(), 0, 5000)
    const wrong = set.anomalous[7]!.slice()
    set.withdraw(wrong, true)
    set.withdraw(wrong, true)
    set.withdraw(Float64Array.of(0.5, 0.5), false)
    expect(set.anomalous.length).toBe(49)
    expect(set.normal.length).toBe(50)
    expect(set.anomalous.some((vector) => vector[0] === wrong[0])).toBe(false)
    const copy = make()
    copy.load(set.save())
    expect(filled(copy, 5000, 6000).save()).toEqual(filled(set, 5000, 6000).save())
    expect(set.anomalous.length).toBe(50)
  })

  it('copies what it is given', () => {
    const set = make()
    const vector = Float64Array.of(1, 2)
    set.add(vector, true)
    vector.fill(9)
    expect([...set.anomalous[0]!]).toEqual([1, 2])
  })

  it.each([0, 7, 1234])('goes on bit for bit after a restart at vector %i', (at) => {
    const first = filled(make(), 0, at)
    const copy = make()
    copy.load(first.save())
    expect(filled(copy, at, 3000).save()).toEqual(filled(first, at, 3000).save())
  })

  it('refuses corrupt and foreign bytes and stays as it was', () => {
    const set = filled(make(), 0, 500)
    const before = set.save()
    const flipped = (at: number) => before.map((byte, i) => (i === at ? byte ^ 0x10 : byte))
    for (let i = 0; i < 40; i++)
      expect(() => set.load(flipped(Math.floor((i * before.length) / 40)))).toThrow(ModelError)
    expect(() => make(2).load(before)).toThrow(expect.objectContaining({ code: 'foreign' }))
    expect(set.save()).toEqual(before)
  })
})
