import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate, openDatabase } from '@adf/service'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sampleAnomaly, sampleWish } from '../sample.test-data.ts'
import { openSqliteStore } from '../sqlite.ts'
import { migrations } from './index.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'adf-migration-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('thresholds of before get versions and a history, and verdicts are in the log with what they were about', async () => {
  const path = join(folder, 'adf.db')
  const before = await openDatabase({ path })
  const earlier = Object.entries(migrations).filter(([name]) => name < '0005')
  await migrate(before, Object.fromEntries(earlier))
  await sql`insert into thresholds values ('service', 'a', 0.9, 'operator', 2000, 'ada')`.execute(before)
  await sql`insert into thresholds values ('host', 'b', 0.7, 'tuner', 1000, null)`.execute(before)
  const { id, time, ...anomaly } = sampleAnomaly(1)
  const body = JSON.stringify({ id, time, ...anomaly })
  await sql`insert into anomalies values (${id}, 'service', 'shop/payment/1', 'point', 900, 1000, 0.9, null, 'false_positive', ${body})`.execute(
    before,
  )
  for (const [n, author] of ['', 'ada'].entries())
    await sql`insert into verdicts values (${`v${n}`}, 'anomaly', ${id}, ${author}, 'false_positive', null, null, ${
      5000 - n
    })`.execute(before)
  await before.destroy()

  const store = await openSqliteStore({ path, clock: () => 0 })
  expect(await store.thresholds.version()).toBe(2)
  expect(
    (await store.thresholds.all()).map(({ entity_id, value, version }) => [entity_id, value, version]),
  ).toEqual([
    ['b', 0.7, 1],
    ['a', 0.9, 2],
  ])
  expect((await store.thresholds.history({ limit: 5 })).items).toMatchObject([
    { version: 2, from: null, to: 0.9, source: 'operator', by: 'ada', at: '1970-01-01T00:00:02.000Z' },
    { version: 1, from: null, to: 0.7, source: 'tuner', by: null },
  ])
  const tuner = sampleWish('a', 0.5, { source: 'tuner' })
  expect((await store.thresholds.change(tuner)).kind).toBe('overridden')
  const { items, latest } = await store.verdicts.log(0, 10)
  expect(latest).toBe(2)
  const episodes = [
    { stream: 'service', entity_id: 'shop/payment/1', from: time, to: time, severity: 0.9, threshold: 0.8 },
  ]
  expect(items).toMatchObject([
    { cursor: 1, verdict: { id: 'v1', author: 'ada' }, previous: null, withdrawn: false, episodes },
    { cursor: 2, verdict: { id: 'v0', author: null }, episodes },
  ])
  await store.close()
})
