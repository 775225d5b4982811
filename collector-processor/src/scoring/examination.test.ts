import { normal, seeded } from '@adf/detectors'
import { expect, it } from 'vitest'
import { makeEngine } from './testing/engine.ts'
import type { FeatureVector, StreamSpec } from './vector.ts'

const stream: StreamSpec = {
  name: 'machines',
  entityKind: 'event',
  features: [
    { name: 'latency_p95', unit: 'ms', direction: 'high' },
    { name: 'cpu_usage_percent', unit: '%', direction: 'high' },
  ],
}
const rng = seeded(1)
let timeMs = 0
const machine = (level = 1): FeatureVector => {
  timeMs += 1000
  const values = Float64Array.of(100 * level * Math.exp(0.1 * normal(rng)), 40 + normal(rng))
  return { stream, entity: { id: 'a', kind: 'event' }, timeMs, arrivalMs: timeMs, values }
}

it('tells what is normal and what each detector says, and learns nothing from it', () => {
  const { engine } = makeEngine()
  expect(engine.examine(machine())).toBeUndefined()
  for (let i = 0; i < 100; i++) engine.score(machine())
  expect(engine.examine(machine())).toBeUndefined()
  for (let i = 0; i < 200; i++) engine.score(machine())

  const odd = machine(9)
  const examination = engine.examine(odd)
  expect(engine.examine(odd)).toEqual(examination)
  expect(engine.score(odd)?.severity).toBe(examination?.severity)
  const { bands, detectors, leading } = examination ?? {}
  expect(bands?.low[0]).toBeGreaterThan(60)
  expect(bands?.high[0]).toBeLessThan(150)
  expect(bands?.expected[0]).toBeCloseTo(100, -1)
  expect(bands?.low[1]).toBeGreaterThan(35)
  expect(bands?.high[1]).toBeLessThan(45)
  expect(detectors?.map(({ name }) => name)).toContain('robust')
  expect(detectors?.find(({ name }) => name === leading)?.severity).toBeGreaterThan(0.8)
})

it('knows nothing of an entity that was never seen', () => {
  const { engine } = makeEngine()
  expect(engine.examine({ ...machine(), entity: { id: 'other', kind: 'event' } })).toBeUndefined()
})
