import { describe, expect, test } from 'vitest'
import type { LeaseStore } from './leases.ts'

const NAME = 'driving'
const DURATION_MS = 100

/** What every store of leases does. `leases` gives that of the test, empty before each. */
export function leaseContract(leases: () => LeaseStore): void {
  const take = (holder: string, nowMs: number, name = NAME) =>
    leases().acquire(name, holder, nowMs, DURATION_MS)

  describe('leases', () => {
    test('are of one, until they run out, and go to the next one with a higher fence', async () => {
      expect(await take('a', 0)).toBe(1)
      expect(await take('b', 50)).toBeUndefined()
      expect(await take('b', 99)).toBeUndefined()
      expect(await take('b', 100)).toBe(2)
      expect(await take('a', 199)).toBeUndefined()
    })

    test('are extended by their holder, whose fence stays, also when nobody took them meanwhile', async () => {
      expect(await take('a', 0)).toBe(1)
      expect(await take('a', 90)).toBe(1)
      expect(await take('b', 189)).toBeUndefined()
      expect(await take('a', 500)).toBe(1)
    })

    test('are given back by their holder alone', async () => {
      await take('a', 0)
      await leases().release(NAME, 'b')
      expect(await take('b', 1)).toBeUndefined()
      await leases().release(NAME, 'a')
      expect(await take('b', 1)).toBe(2)
      await leases().release(NAME, 'b')
      expect(await take('a', 2)).toBe(3)
    })

    test('hold towards a replica whose clock is behind', async () => {
      await take('a', 1000)
      expect(await take('b', 999)).toBeUndefined()
      expect(await take('b', 900)).toBeUndefined()
    })

    test('do not outlast a clock that was set back', async () => {
      await take('a', 1000)
      expect(await take('b', 20)).toBe(2)
      expect(await take('a', 20)).toBeUndefined()
    })

    test('of other names are others', async () => {
      await take('a', 0)
      expect(await take('b', 0, 'other')).toBe(1)
      await leases().release('other', 'b')
      expect(await take('b', 1)).toBeUndefined()
    })
  })
}
