import { expect, test } from 'vitest'
import { anomalyIdOf } from './anomaly-id.ts'
import { SERVICE_STREAM } from './feature/builtin-streams.ts'

const vector = (timeMs: number, id = 'web', offset?: number) => ({
  stream: SERVICE_STREAM,
  entity: { id, kind: 'service' as const },
  timeMs,
  arrivalMs: 0,
  values: new Float64Array(0),
  ...(offset === undefined ? {} : { origin: { source: 't/0', offset, index: 0, atMs: 1_600_000_000_000 } }),
})

test('the same anomaly has the same id, another one another, and they sort by time', () => {
  const id = anomalyIdOf(vector(1_700_000_000_000))
  expect(anomalyIdOf(vector(1_700_000_000_000))).toBe(id)
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  const others = [
    vector(1_700_000_000_000, 'shop'),
    vector(1_700_000_000_000, 'web', 1),
    vector(1_700_000_000_000, 'web', 2),
  ]
  expect(new Set([id, ...others.map(anomalyIdOf)]).size).toBe(4)
  expect(anomalyIdOf(vector(1_700_000_000_001)) > id).toBe(true)
  expect(anomalyIdOf(vector(5, 'web', 1)) < id).toBe(true)
  expect(
    Number.parseInt(
      anomalyIdOf(vector(5, 'web', 1))
        .replace('-', '')
        .slice(0, 12),
      16,
    ),
  ).toBe(1_600_000_000_000)
})
