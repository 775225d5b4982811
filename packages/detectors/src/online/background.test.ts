import { expect, it } from 'vitest'
import { normal, seeded } from '../statistics/sampling.ts'
import { Background } from './background.ts'

/** What the background makes of the same raw score while others come. */
function seen(step: number, level: (i: number) => number): number[] {
  const rng = seeded(1)
  const raw = (i: number) => Math.exp(level(i) + 0.5 * normal(rng))
  const background = new Background(400, undefined, step)
  background.addAll(Float64Array.from({ length: 500 }, (_, i) => raw(i)))
  return Array.from({ length: 5000 }, (_, i) => {
    background.add(raw(500 + i))
    return background.relative(3)
  })
}

it('tells the same of the same score while nothing changes, when it moves in steps', () => {
  const still = seen(0.25, () => 1)
  // The first 500 give the level roughly; once it is known it hardly moves.
  expect(new Set(still.slice(1000)).size).toBeLessThanOrEqual(2)
  expect(new Set(seen(0, () => 1)).size).toBeGreaterThan(100)
})

it('follows a level that changes all the same', () => {
  const drifting = seen(0.25, (i) => 1 + i / 2500)
  expect(drifting[0]! - drifting.at(-1)!).toBeGreaterThan(3)
})
