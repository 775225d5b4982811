import type { EntityStatus } from '@adf/contract'
import { expect, test } from 'vitest'
import { checkEntities } from './entities.ts'

const host = (id: string): EntityStatus => ({
  entity: { id, kind: 'host', host: id },
  last_seen: '2026-03-01T00:00:00.000Z',
  streams: [
    {
      stream: 'host',
      state: 'warming_up',
      learned: 0,
      warm_up: 200,
      score: null,
      threshold: 0.8,
      initial_threshold: 0.8,
      last_seen: '2026-03-01T00:00:00.000Z',
      features: [
        { name: 'cpu_load1', unit: '', value: null, missing: 'system.cpu.load_average.1m is missing' },
      ],
    },
  ],
  dialects: [],
  delay_ms: null,
  skew_ms: 0,
  problem: null,
})
const at = (uptimeMs: number) => ({ maxSkewMs: 600_000, uptimeMs, intervalMs: 60_000 })
const of = (check: string, findings: ReturnType<typeof checkEntities>) =>
  findings.filter((one) => one.check === check)

test('no advice on host metrics before they could all have come', () => {
  const [young] = of('features host', checkEntities([host('a')], at(90_000)))
  expect(young).toMatchObject({ status: 'ok', text: expect.stringMatching(/^not yet known/) })
  expect(young?.advice).toBeUndefined()
  const [old] = of('features host', checkEntities([host('a')], at(130_000)))
  expect(old).toMatchObject({ status: 'warning', advice: expect.stringContaining('scrapers') })
})

test('host metrics without host.name are told, and how to mend it', () => {
  expect(of('entities', checkEntities([host('a')], at(0)))).toMatchObject([{ status: 'ok' }])
  expect(of('entities', checkEntities([host('a'), host('unknown_host')], at(0)))).toMatchObject([
    { status: 'ok' },
    { status: 'warning', advice: expect.stringContaining('resourcedetection') },
  ])
})
