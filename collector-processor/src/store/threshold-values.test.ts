import { expect, test } from 'vitest'
import { sampleThreshold } from './sample.test-data.ts'
import { openSqliteStore } from './sqlite.ts'
import { thresholdValues } from './threshold-values.ts'

test('gives and takes the values of thresholds', async () => {
  const store = await openSqliteStore({ path: ':memory:', clock: () => 0 })
  const values = thresholdValues(store.thresholds, () => 1000)
  await store.thresholds.set(sampleThreshold('service', 'a', 0.7))
  await values.set({ stream: 'host', entityId: 'b', threshold: 0.9 })
  expect(await values.list()).toEqual([
    { stream: 'host', entityId: 'b', threshold: 0.9 },
    { stream: 'service', entityId: 'a', threshold: 0.7 },
  ])
  expect(await values.get('a', 'service')).toBe(0.7)
  expect(await values.get('a', 'host')).toBeUndefined()
  expect((await store.thresholds.all())[0]).toMatchObject({
    source: 'tuner',
    updated_at: '1970-01-01T00:00:01.000Z',
  })
  await store.close()
})
