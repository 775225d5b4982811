import { migrate, migrateDown, openPlace } from '@adf/service'
import { placeIn } from '@adf/service/testing'
import { sql } from 'kysely'
import { describe, expect, inject, test } from 'vitest'
import { migrations } from './migrations/index.ts'
import { openStore } from './open.ts'
import { DAY_MS, dailyAnomaly, sampleVerdict } from './sample.test-data.ts'
import type { Tables } from './schema.ts'
import { storeContract } from './store.contract.ts'
import { MOST_THRESHOLDS } from './thresholds.contract.ts'

const server = inject('postgres')

describe.skipIf(server === undefined)('in PostgreSQL', () => {
  const fresh = () => placeIn(server, { connect_timeout: 30_000 })
  let place = fresh()
  storeContract('PostgreSQL', {
    open: (clock) => {
      place = fresh()
      return openStore({ place, clock, mostThresholds: MOST_THRESHOLDS })
    },
    reopen: async (store) => {
      await store.close()
      return openStore({ place, clock: () => 0, mostThresholds: MOST_THRESHOLDS })
    },
  })

  test('anomalies go by the day, with what was said of them', async () => {
    const at = fresh()
    let now = 10 * DAY_MS
    const store = await openStore({ place: at, clock: () => now })
    const [old, young] = [dailyAnomaly(10), dailyAnomaly(11)]
    for (const [n, anomaly] of [old, young].entries()) {
      await store.anomalies.add(anomaly)
      await store.verdicts.give(sampleVerdict(n, { anomaly_id: anomaly.id }))
    }
    now = 40 * DAY_MS
    const kept = async () => (await store.anomalies.page({ limit: 9 })).items.map(({ id }) => id)
    await store.retention.sweep(11 * DAY_MS - 1, 10)
    expect(await kept()).toEqual([young.id, old.id])
    expect(await store.retention.sweep(11 * DAY_MS, 10)).toBe(1)
    expect(await kept()).toEqual([young.id])
    expect(await store.verdicts.of(old.id)).toEqual([])
    expect(await store.verdicts.of(young.id)).toHaveLength(1)
    await store.close()

    const db = await openPlace<Tables>(at)
    const { rows } = await sql<{ name: string }>`select c.relname as name
      from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'anomalies'::regclass order by 1`.execute(db)
    await db.destroy()
    expect(rows.map(({ name }) => name)).toEqual(
      ['19700112', '19700113', '19700114', '19700210', '19700211', '19700212', '19700213', 'default'].map(
        (day) => `anomalies_${day}`,
      ),
    )
  })

  test('migrations can be taken back where days have their partitions', async () => {
    const at = fresh()
    const store = await openStore({ place: at, clock: () => 10 * DAY_MS })
    await store.anomalies.add(dailyAnomaly(10))
    await store.close()
    const db = await openPlace<Tables>(at)
    const taken: string[] = []
    for (let name = ''; name !== '0002-graphs'; taken.push(name))
      name = (await migrateDown(db, migrations)) ?? ''
    expect(taken).toEqual(Object.keys(migrations).slice(1).toReversed())
    await migrate(db, migrations)
    await db.destroy()
    const again = await openStore({ place: at, clock: () => 10 * DAY_MS })
    expect((await again.anomalies.page({ limit: 9 })).items.map(({ id }) => id)).toEqual([
      dailyAnomaly(10).id,
    ])
    await again.close()
  })
})
