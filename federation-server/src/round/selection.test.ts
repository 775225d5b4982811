import { seeded } from '@adf/detectors'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { select } from './selection.ts'

const clients = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    id: `c${String(i).padStart(3, '0')}`,
    sinceMs: 0,
    trusted: false,
  }))

it('takes a share of the clients, no fewer than a round needs and no more than allowed', () => {
  const count = (of: number, fraction: number, most?: number) =>
    select(clients(of), { minClients: 3, selection: { fraction, count: most } }, seeded(1)).length
  expect(count(10, 1)).toBe(10)
  expect(count(10, 0.45)).toBe(5)
  expect(count(10, 0.1)).toBe(3)
  expect(count(100, 0.5, 7)).toBe(7)
  expect(count(100, 0.5, 1)).toBe(3)
  expect(count(2, 1)).toBe(2)
})

it('always takes those that are trusted, beside the others', () => {
  const trusted = { id: 'root', sinceMs: 0, trusted: true }
  const chosen = select([...clients(10), trusted], { minClients: 1, selection: { fraction: 0.2 } }, seeded(3))
  expect(chosen).toHaveLength(3)
  expect(chosen).toContain('root')
})

it('depends on the set of clients and the random numbers alone, and takes each as often', () => {
  const rule = { minClients: 1, selection: { fraction: 0.3 } }
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 30 }), (seed, count) => {
      const chosen = select(clients(count), rule, seeded(seed))
      expect(select(clients(count).reverse(), rule, seeded(seed))).toEqual(chosen)
      expect(new Set(chosen).size).toBe(chosen.length)
      expect(chosen).toEqual(chosen.toSorted())
    }),
    { seed: 6, numRuns: 100 },
  )
  const rng = seeded(5)
  const often = new Map<string, number>()
  for (let i = 0; i < 2000; i++)
    for (const id of select(clients(10), rule, rng)) often.set(id, (often.get(id) ?? 0) + 1)
  expect(Math.min(...often.values())).toBeGreaterThan(500)
  expect(Math.max(...often.values())).toBeLessThan(700)
})
