import { createLogger } from '@adf/service'
import { expect, test } from 'vitest'
import { createRetention } from './retention.ts'
import { sampleAnomaly } from './sample.test-data.ts'
import { openSqliteStore } from './sqlite.ts'

const log = createLogger({ name: 'test', level: 'silent' })

test('deletes all that is older than the retention time, however many pieces it takes', async () => {
  const clock = () => 2_000_000
  const store = await openSqliteStore({ path: ':memory:', clock })
  await Promise.all(Array.from({ length: 1700 }, (_, n) => store.anomalies.add(sampleAnomaly(n + 1))))
  const retention = createRetention({ store: store.retention, retentionMs: 500_000, clock, log })
  expect(await retention.sweep()).toBe(1499)
  expect((await store.anomalies.counts(0)).total).toBe(201)
  await store.close()
})

test('goes on after a failure', async () => {
  let calls = 0
  const failing = {
    sweep: async () => {
      if (++calls === 1) throw new Error('locked')
      return 0
    },
  }
  const retention = createRetention({ store: failing, retentionMs: 1, clock: () => 0, log })
  await retention.start()
  await expect(retention.sweep()).rejects.toThrow('locked')
  expect(await retention.sweep()).toBe(0)
  await retention.stop()
})
