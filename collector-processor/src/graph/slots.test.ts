import { describe, expect, it } from 'vitest'
import { SlotSeries } from './slots.ts'

const read = (series: SlotSeries, owner: number) => {
  const found: [number, number][] = []
  series.each(owner, (slot, of) => found.push([slot, of(0)]))
  return found
}

describe('SlotSeries', () => {
  it('is as good as a map of sums, through late slots, growth and forgetting', () => {
    const series = new SlotSeries(2, 1 << 16)
    const model = new Map<number, Map<number, number>>()
    let state = 7
    const random = (n: number) => {
      state = (state * 48_271) % 2_147_483_647
      return state % n
    }
    for (let i = 0; i < 40_000; i++) {
      const owner = random(150)
      // most come in order, some late, and slots are large numbers
      const slot = 350_000_000 + Math.floor(i / 400) - (random(5) === 0 ? random(80) : 0)
      series.add(owner, slot, 0, 1)
      const sums = model.get(owner) ?? new Map<number, number>()
      sums.set(slot, (sums.get(slot) ?? 0) + 1)
      model.set(owner, sums)
      if (i % 5000 === 4999) {
        series.forget(owner)
        model.delete(owner)
      }
    }
    for (let owner = 0; owner < 150; owner++)
      expect(read(series, owner)).toEqual([...(model.get(owner) ?? [])].sort(([a], [b]) => b - a))
    expect(series.lost).toBe(0)
  })

  it('reuses the oldest cells when it is full, and says so', () => {
    const series = new SlotSeries(1, 1024)
    for (let slot = 0; slot < 5000; slot++) for (const owner of [3, 4]) series.add(owner, slot, 0, 1)
    expect(read(series, 3)).toHaveLength(512)
    expect(read(series, 3)[0]).toEqual([4999, 1])
    expect(series.lost).toBe(10_000 - 1024)
  })
})
