import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger, openDatabase } from '@adf/service'
import { type Kysely, sql } from 'kysely'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { sampleAnomaly, sampleIncident, sampleVerdict, sampleWish } from './sample.test-data.ts'
import type { Tables } from './schema.ts'
import type { UnreadableRow } from './sql/rows.ts'
import { openSqliteStore } from './sqlite.ts'
import type { Store } from './store.ts'
import { createUnreadableRows } from './unreadable.ts'

let folder: string
let store: Store
let other: Kysely<Tables>
let met: UnreadableRow[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'adf-unreadable-'))
  met = []
  const path = join(folder, 'adf.db')
  store = await openSqliteStore({ path, clock: () => 0, unreadable: (row) => met.push(row) })
  other = await openDatabase({ path })
})
afterEach(async () => {
  await other.destroy()
  await store.close()
  await rm(folder, { recursive: true })
})

const damage = (table: 'anomalies' | 'incidents', body: string, id: string) =>
  other.updateTable(table).set({ body }).where('id', '=', id).execute()
const anomaly = (n: number) => sampleAnomaly(n)
const incident = (n: number) => sampleIncident(n)
const ids = (items: readonly { id: string }[]) => items.map(({ id }) => id)
/** The time of an event in the year -1, as a version wrote it that took any. */
const EARLY = JSON.stringify({ ...anomaly(2), time: '-000001-12-31T23:00:00.000Z' })

test('an anomaly that cannot be read hides no other one, on no page', async () => {
  for (const n of [1, 2, 3]) await store.anomalies.add(anomaly(n))
  await damage('anomalies', EARLY, anomaly(2).id)
  expect(ids((await store.anomalies.page({ limit: 10 })).items)).toEqual([anomaly(3).id, anomaly(1).id])
  expect(met).toMatchObject([{ table: 'anomalies', id: anomaly(2).id }])

  const pages: string[][] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await store.anomalies.page({ limit: 1, ...(cursor === undefined ? {} : { cursor }) })
    pages.push(ids(page.items))
    cursor = page.next_cursor
  }
  expect(pages).toEqual([[anomaly(3).id], [], [anomaly(1).id]])
})

test('it is not found, takes no verdict and can be removed', async () => {
  await store.anomalies.add(anomaly(2))
  await damage('anomalies', EARLY, anomaly(2).id)
  expect(await store.anomalies.get(anomaly(2).id)).toBeUndefined()
  expect(await store.verdicts.give(sampleVerdict(1, { anomaly_id: anomaly(2).id }))).toBeUndefined()
  expect(await store.verdicts.of(anomaly(2).id)).toEqual([])
  expect(await store.anomalies.remove(anomaly(2).id)).toBe(true)
})

test('an incident that cannot be read is in no list and is not restored', async () => {
  for (const n of [1, 2]) await store.incidents.save(incident(n))
  await damage('incidents', '{"id":', incident(1).id)
  expect(ids(await store.incidents.open())).toEqual([incident(2).id])
  expect(ids((await store.incidents.page({ limit: 10 })).items)).toEqual([incident(2).id])
  expect(await store.incidents.get(incident(1).id)).toBeUndefined()
  expect(await store.verdicts.give(sampleVerdict(1, { incident_id: incident(1).id }))).toBeUndefined()
  expect(new Set(met.map(({ id }) => id))).toEqual(new Set([incident(1).id]))
})

test('verdicts, thresholds and outgoing alerts that cannot be read are passed over', async () => {
  await store.anomalies.add(anomaly(1))
  for (const [n, author] of ['ada', 'eve'].entries()) {
    await store.verdicts.give(sampleVerdict(n, { anomaly_id: anomaly(1).id, author }))
  }
  for (const entity of ['a', 'b', 'c']) await store.thresholds.change(sampleWish(entity, 0.9))
  for (const incidentId of ['i1', 'i2']) {
    await store.outbox.open({ incidentId, labels: { service: 'x' }, startsMs: 0, endsMs: null })
  }
  await sql`update verdicts set verdict = 'perhaps' where author = 'ada'`.execute(other)
  await sql`update thresholds set value = 'high' where entity_id = 'a'`.execute(other)
  await sql`update threshold_changes set source = 'nobody' where entity_id = 'b'`.execute(other)
  await sql`update verdict_log set episodes = '[1]' where author = 'ada'`.execute(other)
  await sql`update outgoing_alerts set labels = '[]' where incident_id = 'i1'`.execute(other)
  expect((await store.verdicts.of(anomaly(1).id)).map(({ author }) => author)).toEqual(['eve'])
  expect((await store.thresholds.all()).map((t) => t.entity_id)).toEqual(['b', 'c'])
  const page = await store.thresholds.page({ limit: 1 })
  expect(page).toMatchObject({ items: [], next_cursor: 'service:a' })
  expect((await store.outbox.pending(0)).map((alert) => alert.incidentId)).toEqual(['i2'])
  expect(new Set(met.map(({ table }) => table))).toEqual(
    new Set(['verdicts', 'thresholds', 'outgoing_alerts']),
  )
  expect((await store.thresholds.since(0, 1)).map((change) => change.entity_id)).toEqual(['a'])
  expect((await store.thresholds.since(1, 1)).map((change) => change.entity_id)).toEqual(['c'])
  expect((await store.verdicts.log(0, 1)).items).toMatchObject([{ cursor: 2, verdict: { author: 'eve' } }])
  expect((await store.thresholds.change(sampleWish('a', 0.7))).kind).toBe('changed')
  expect((await store.thresholds.all()).map((t) => t.entity_id)).toEqual(['a', 'b', 'c'])
  expect(await store.verdicts.withdraw(sampleVerdict(0).id, 0)).toBe('gone')
  expect((await store.anomalies.get(anomaly(1).id))?.verdict).toBe('true_positive')
})

test('the log of alerts goes on behind a page of rows that cannot be read', async () => {
  for (const n of [1, 2, 3]) {
    await store.anomalies.add(anomaly(n))
    await store.alertLog.append('anomaly', anomaly(n).id, 0)
  }
  for (const n of [1, 2]) await damage('anomalies', EARLY, anomaly(n).id)
  expect(ids((await store.alertLog.after(0, 2)).map(({ data }) => data))).toEqual([anomaly(3).id])
})

test('they are counted by table, and logged once a minute with an id and how many', async () => {
  const log = createLogger({ name: 'test', level: 'silent' })
  const error = vi.spyOn(log, 'error')
  const registry = new Registry()
  let now = 0
  const tell = createUnreadableRows({ registry, log, clock: () => now })
  for (let i = 0; i < 5; i++) tell({ table: 'anomalies', id: `a${i}`, error: new Error('no time') })
  expect(error).toHaveBeenCalledTimes(1)
  now = 60_000
  tell({ table: 'incidents', id: 'i1', error: new Error('no state') })
  expect(error.mock.calls.map(([fields]) => fields)).toMatchObject([
    { table: 'anomalies', id: 'a0', met: 1 },
    { table: 'incidents', id: 'i1', met: 5 },
  ])
  expect(await registry.metrics()).toContain('adf_store_rows_unreadable_total{table="anomalies"} 5')
})
