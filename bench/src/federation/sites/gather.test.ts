import { History, normal, plainFeatures, seeded } from '@adf/detectors'
import { expect, it } from 'vitest'
import { gather } from './gather.ts'
import { STREAM } from './setup.ts'

const WIDTH = 3
const WARM_UP = 200
const RUN = 512
const features = ['f0', 'f1', 'f2']
const stream = {
  name: STREAM,
  entityKind: 'event',
  features: features.map((name) => ({ name, unit: '%', direction: 'both' as const })),
} as const

/** Noise around 50, with a value far off at some rows. */
function noise(rows: number, odd: readonly number[]): History {
  const rng = seeded(3)
  const values = Float64Array.from({ length: rows * WIDTH }, () => 50 + 3 * normal(rng))
  for (const row of odd) values[row * WIDTH] = 5000
  const timesMs = Float64Array.from({ length: rows }, (_, row) => 1_700_000_000_000 + 60_000 * row)
  return new History(WIDTH, values, timesMs)
}

it('gathers runs from the end of the warm-up on, the fifth of them held out', async () => {
  const fed = noise(WARM_UP + 6 * RUN, [])
  const { training, heldOut } = await gather(fed, stream, plainFeatures(features, fed))
  expect([training.length, heldOut.length]).toEqual([5, 1])
  for (const run of training) expect(run).toHaveLength(RUN * WIDTH)
})

it('has no run with an anomaly in it', async () => {
  const fed = noise(WARM_UP + 4 * RUN, [WARM_UP + RUN - 1, WARM_UP + 2 * RUN + 10])
  const { training } = await gather(fed, stream, plainFeatures(features, fed))
  expect(training.map(({ length }) => length / WIDTH)).toEqual([RUN - 1 - 32, RUN, RUN])
  for (const run of training) expect(Math.max(...run.map(Math.abs))).toBeLessThan(10)
})
