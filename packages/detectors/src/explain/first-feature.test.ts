import { expect, it } from 'vitest'
import { createDetector } from '../create.ts'
import { defaultEnsemble } from '../ensemble/default.ts'
import { History } from '../history.ts'
import { seeded } from '../statistics/sampling.ts'
import { deviations, hostFeatures, perturbed, simulatedHost } from './testing/simulated-host.ts'

const FIT = 3000
const EVENTS = 100
/** Vectors between two anomalies. */
const GAP = 20

/** Anomalies of which the perturbed feature has the largest part. */
function namedFirst(seed: number): { first: number; missed: string[] } {
  const rng = seeded(seed)
  const next = simulatedHost(rng)
  const rows = Array.from({ length: FIT }, next)
  const detector = createDetector(defaultEnsemble(hostFeatures, 5000))
  detector.fit(History.of(rows, [...rows.keys()]))
  const deviation = deviations(rows)
  const missed: string[] = []
  for (let event = 0; event < EVENTS; event++) {
    for (let i = 0; i < GAP; i++) {
      const row = next()
      detector.observe(row, FIT)
      detector.learn(row, FIT)
    }
    const feature = Math.floor(rng() * hostFeatures.length)
    const count = 6 + 14 * rng()
    const row = perturbed(next(), feature, deviation[feature]!, count, rng() < 0.5 ? -1 : 1)
    const { parts } = detector.explain(row, FIT)
    const first = parts.indexOf(Math.max(...parts))
    if (first !== feature)
      missed.push(`${hostFeatures[feature]!.name} by ${count.toFixed(1)}: ${hostFeatures[first]!.name}`)
    detector.observe(row, FIT)
  }
  return { first: EVENTS - missed.length, missed }
}

it('names the perturbed feature first on 95 % of point anomalies of a host', () => {
  const seeds = [1, 2, 3, 4, 5].map(namedFirst)
  const first = seeds.reduce((sum, each) => sum + each.first, 0)
  expect(first, seeds.flatMap(({ missed }) => missed).join('\n')).toBeGreaterThanOrEqual(
    0.95 * EVENTS * seeds.length,
  )
})
