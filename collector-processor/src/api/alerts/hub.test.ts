import { createLogger } from '@adf/service'
import { Registry } from 'prom-client'
import { expect, test, vi } from 'vitest'
import { sampleAnomaly } from '../../store/sample.test-data.ts'
import { ApiMetrics } from '../metrics.ts'
import { AlertHub } from './hub.ts'

test('a log of alerts that refuses everything is counted each time and logged once a minute', async () => {
  let now = 1_000_000
  const registry = new Registry()
  const logger = createLogger({ name: 'test', level: 'silent' })
  const error = vi.spyOn(logger, 'error')
  const full = new Error('disk is full')
  const log = {
    append: () => Promise.reject(full),
    after: async () => [],
    bounds: async () => ({ oldest: 0, latest: 0 }),
  }
  const hub = new AlertHub(
    log,
    () => now,
    new ApiMetrics(
      registry,
      () => 0,
      async () => ({ judged: 0, confirmed: 0 }),
    ),
    logger,
  )
  const publish = (n: number) => hub.publish({ type: 'anomaly', data: sampleAnomaly(n) })
  for (let n = 0; n < 100; n++) await publish(n)
  expect(error).toHaveBeenCalledTimes(1)
  now += 60_000
  await publish(100)
  expect(error.mock.calls.map(([fields]) => fields)).toMatchObject([
    { err: full, lost: 1 },
    { err: full, lost: 100 },
  ])
  expect(await registry.metrics()).toContain('adf_alert_messages_lost_total{type="anomaly"} 101')
})
