import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Frequency } from './frequency.ts'

it('counts what lies within the window, to a sixtieth of it', () => {
  const time = fc.integer({ min: -500, max: 2000 })
  fc.assert(
    fc.property(fc.array(time, { maxLength: 60 }), (times) => {
      const frequency = new Frequency(600)
      const taken: number[] = []
      for (const at of times) {
        const newest = Math.max(at, ...taken)
        const got = frequency.add(at)
        if (at < newest - 600) expect(got).toBeNaN()
        if (at < newest - 590) continue
        taken.push(at)
        const since = at - taken[0]!
        if (since < 590) expect(got).toBeNaN()
        if (since < 610 && Number.isNaN(got)) continue
        const known = taken.filter((one) => one > newest - 590 || one > at - 1)
        expect(got).toBeLessThanOrEqual(taken.filter((one) => one > at - 610 && one < at + 10).length)
        expect(got).toBeGreaterThanOrEqual(known.filter((one) => one > at - 590 && one <= at).length)
      }
    }),
  )
})
