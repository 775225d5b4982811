import { type Kysely, sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { tablesOf } from '../copy/empty.ts'
import { openPlace } from '../open.ts'
import { DailyPartitions, type DailyTable, leastUuid } from './daily-partitions.ts'
import { placeIn } from './postgres.test-place.ts'

interface Tables {
  things: { id: string; at_ms: number; body: string }
}

const server = inject('postgres')
const DAY_MS = 86_400_000
const START = Date.parse('2026-03-30T12:00:00Z')
const things: DailyTable = { table: 'things', key: 'id', least: leastUuid }

describe.skipIf(server === undefined)('daily partitions', () => {
  const place = () => placeIn(server)
  let at = place()
  let db: Kysely<Tables>
  beforeEach(async () => {
    at = place()
    db = await openPlace<Tables>(at)
    await db.schema
      .createTable('things')
      .addColumn('id', 'text', (c) => c.primaryKey().notNull())
      .addColumn('at_ms', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull().defaultTo('none'))
      .execute()
    await db.schema.createIndex('things_at').on('things').columns(['at_ms', 'id']).execute()
  })
  afterEach(() => db.destroy())

  const idOf = (ms: number) => `${leastUuid(ms)}-7abc-8abc-0123456789ab`
  const add = async (...moments: number[]) => {
    for (const ms of moments)
      await db
        .insertInto('things')
        .values({ id: idOf(ms), at_ms: ms, body: `of ${ms}` })
        .execute()
  }
  const prepare = async (nowMs = START) => (await DailyPartitions.prepare(db, [things], nowMs))!
  /** Where each row is. */
  const places = async () => {
    const { rows } = await sql<{ partition: string; n: number }>`
      select tableoid::regclass::text as partition, count(*) as n from things group by 1 order by 1`.execute(
      db,
    )
    return Object.fromEntries(rows.map(({ partition, n }) => [partition, n]))
  }
  const expire = (partitions: DailyPartitions, beforeMs: number) =>
    db.transaction().execute((tx) => partitions.expire(tx, 'things', beforeMs))
  const kept = async () =>
    (await db.selectFrom('things').select('at_ms').orderBy('id').execute()).map(({ at_ms }) => Number(at_ms))

  test('take over the rows of a table, with the names of its indexes, and are made once', async () => {
    const moments = [START - 100 * DAY_MS, START - DAY_MS, START, START + 5 * DAY_MS]
    await add(...moments)
    await db.insertInto('things').values({ id: 'no-uuid', at_ms: 1, body: 'odd' }).execute()
    await prepare()
    expect(await places()).toEqual({ things_default: 3, things_20260329: 1, things_20260330: 1 })
    expect(await kept()).toEqual([...moments, 1])
    await prepare()
    const { rows } = await sql<{ name: string }>`
      select indexname as name from pg_indexes where schemaname = current_schema() and tablename = 'things'
      order by 1`.execute(db)
    expect(rows.map(({ name }) => name)).toEqual(['things_at', 'things_pkey'])
    const again = db.insertInto('things').values({ id: 'no-uuid', at_ms: 2, body: 'odd' })
    await expect(again.execute()).rejects.toThrow('duplicate key')
    await again.onConflict((conflict) => conflict.column('id').doNothing()).execute()
    await sql`insert into things (id, at_ms) values ('default', 3)`.execute(db)
    expect(
      (await db.selectFrom('things').select('body').where('id', '=', 'default').execute())[0]?.body,
    ).toBe('none')
  })

  test('are there for today and three days more, and take what the default one had of them', async () => {
    const partitions = await prepare()
    await add(START, START + 3 * DAY_MS, START + 4 * DAY_MS)
    expect(await places()).toEqual({ things_20260330: 1, things_20260402: 1, things_default: 1 })
    await db.transaction().execute((tx) => partitions.extend(tx, START + DAY_MS))
    expect(await places()).toEqual({ things_20260330: 1, things_20260402: 1, things_20260403: 1 })
    await add(START + 4 * DAY_MS + 1)
    expect(await places()).toMatchObject({ things_20260403: 2 })
  })

  test('are dropped when their day is over for so long, and say what went', async () => {
    const partitions = await prepare()
    await add(START, START + 1, START + DAY_MS, START - 50 * DAY_MS)
    const midnight = Date.parse('2026-03-31T00:00:00Z')
    expect(await expire(partitions, midnight - 1)).toEqual([])
    expect(await expire(partitions, midnight)).toEqual([
      { rows: 2, range: { from: leastUuid(midnight - DAY_MS), to: leastUuid(midnight) } },
    ])
    expect(await kept()).toEqual([START - 50 * DAY_MS, START + DAY_MS])
    const covered = await db.transaction().execute((tx) => partitions.covered(tx, 'things'))
    expect(covered).toEqual({ from: leastUuid(midnight), to: leastUuid(midnight + 3 * DAY_MS) })
    expect(await expire(partitions, midnight + 30 * DAY_MS)).toHaveLength(3)
    expect(await db.transaction().execute((tx) => partitions.covered(tx, 'things'))).toBeUndefined()
  })

  test('stay while somebody reads the table for long, and the transaction that would drop them ends', async () => {
    const partitions = await prepare()
    await add(START)
    const reader = await openPlace<Tables>(at)
    await reader
      .transaction()
      .setAccessMode('read only')
      .execute(async (tx) => {
        await tx.selectFrom('things').selectAll().execute()
        await expect(expire(partitions, START + 9 * DAY_MS)).rejects.toMatchObject({ code: '55P03' })
      })
    expect(await kept()).toEqual([START])
    expect(await expire(partitions, START + 9 * DAY_MS)).toHaveLength(4)
    await reader.destroy()
  })

  test('are one table for copies', async () => {
    await prepare()
    await add(START, START - 50 * DAY_MS)
    const other = await openPlace<unknown>(at)
    const tables = await tablesOf(other)
    await other.destroy()
    expect(tables.map(({ name }) => name)).toEqual(['things'])
    expect(tables[0]?.columns.map(({ name }) => name)).toEqual(['id', 'at_ms', 'body'])
  })

  test('sort ids as milliseconds', () => {
    const moments = [0, 1, 65_535, 65_536, 2 ** 32, START, 2 ** 47]
    expect(moments.map(leastUuid).toSorted()).toEqual(moments.map(leastUuid))
    expect(leastUuid(START) < idOf(START) && idOf(START) < leastUuid(START + 1)).toBe(true)
  })
})
