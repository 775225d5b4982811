import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { type Generated, type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { migrate, migrateDown } from '../migrate.ts'
import { type OpenDatabase, openPlace } from '../open.ts'
import type { DatabasePlace } from '../place.ts'
import { placeIn } from '../postgres/postgres.test-place.ts'
import { backUp } from './backup.ts'
import { copyDatabase } from './copy.ts'

type Tables = {
  things: { id: string; time_ms: number; score: number | null; body: Uint8Array | null }
  log: { cursor: Generated<number>; text: string }
}

const migrations: Record<string, Migration> = {
  '0001-things': {
    async up(db) {
      await db.schema
        .createTable('things')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('time_ms', 'bigint', (c) => c.notNull())
        .addColumn('score', 'double precision')
        .addColumn('body', 'blob')
        .execute()
    },
  },
  '0002-log': {
    async up(db) {
      await db.schema
        .createTable('log')
        .addColumn('cursor', 'integer', (c) => c.primaryKey().autoIncrement())
        .addColumn('text', 'text', (c) => c.notNull())
        .execute()
    },
    async down(db) {
      await db.schema.dropTable('log').execute()
    },
  },
}

const server = inject('postgres')
const folder = mkdtempSync(join(tmpdir(), 'adf-copy-'))
let files = 0
afterAll(() => rmSync(folder, { recursive: true }))

const file = (): DatabasePlace => ({ path: join(folder, `${++files}.db`) })
const open = (place: DatabasePlace) => openPlace<unknown>(place)
const typed = (db: OpenDatabase): Kysely<Tables> => db.withTables<Tables>()
const ROWS = 450

async function filled(place: DatabasePlace): Promise<OpenDatabase> {
  const opened = await open(place)
  await migrate(opened, migrations)
  const db = typed(opened)
  const things = Array.from({ length: ROWS }, (_, n) => ({
    id: `${n}-ä€𝄞'"\\`,
    time_ms: 1_700_000_000_000 + n,
    score: n % 7 === 0 ? null : n % 11 === 0 ? 1 : Math.sin(n) * 10 ** ((n % 40) - 20),
    body: n % 3 === 0 ? null : Buffer.from([0, n % 256, 255]),
  }))
  for (let at = 0; at < ROWS; at += 100)
    await db
      .insertInto('things')
      .values(things.slice(at, at + 100))
      .execute()
  for (const text of ['a', 'b', 'c']) await db.insertInto('log').values({ text }).execute()
  // The next cursor is 4 all the same.
  await db.deleteFrom('log').where('text', '=', 'c').execute()
  return opened
}

const names = { source: 'here', target: 'there' }

describe.skipIf(server === undefined)('a database', () => {
  test.each([
    ['SQLite to PostgreSQL', file, () => placeIn(server)],
    ['PostgreSQL to SQLite', () => placeIn(server), file],
    ['PostgreSQL to PostgreSQL', () => placeIn(server), () => placeIn(server)],
    ['SQLite to SQLite', file, file],
  ])('goes from %s and back with every row, and counts on', async (_, from, to) => {
    const source = await filled(from())
    const target = await open(to())
    const third = await open(from())
    const told: [string, number][] = []
    const copied = await copyDatabase({
      source,
      target,
      names,
      migrations,
      progress: (...one) => told.push(one),
    })
    expect(copied).toMatchObject([
      { table: 'log', rows: 2 },
      { table: 'things', rows: ROWS },
    ])
    expect(told.at(-1)).toEqual(['things', ROWS])
    expect(await copyDatabase({ source: target, target: third, names, migrations })).toEqual(copied)
    for (const db of [target, third])
      expect(await typed(db).insertInto('log').values({ text: 'd' }).returning('cursor').execute()).toEqual([
        { cursor: 4 },
      ])
    const all = (db: OpenDatabase) => typed(db).selectFrom('things').selectAll().orderBy('time_ms').execute()
    expect(await all(third)).toEqual(await all(source))
    for (const db of [source, target, third]) await db.destroy()
  })

  test('is copied into an empty one only, all or nothing', async () => {
    const source = await filled(placeIn(server))
    const target = await filled(file())
    const into = (db: OpenDatabase, from = source) =>
      copyDatabase({ source: from, target: db, names, migrations })
    await expect(into(target)).rejects.toThrow(/^there is not empty: its table log has rows/)
    const nothing = await open(file())
    await expect(into(source, nothing)).rejects.toThrow(/^here is no database of ADF/)

    const damaged = await filled(file())
    await sql`update things set time_ms = 'soon' where time_ms = 1700000000400`.execute(damaged)
    const empty = await open(placeIn(server))
    await expect(into(empty, damaged)).rejects.toThrow(
      /^table things holds a row that the target does not take: .*soon/,
    )
    expect(await typed(empty).selectFrom('log').selectAll().execute()).toEqual([])
    await sql`update things set time_ms = 0 where time_ms = 'soon'`.execute(damaged)
    expect(await into(empty, damaged)).toMatchObject([{ rows: 2 }, { rows: ROWS }])
    for (const db of [source, target, nothing, damaged, empty]) await db.destroy()
  })

  test.each([
    ['SQLite', file],
    ['PostgreSQL', () => placeIn(server)],
  ])(
    'with rows that its migrations put there is copied into one in %s that has them too, as long as they are the same',
    async (_, make) => {
      const counting = {
        ...migrations,
        '0003-counters': {
          async up(db: Kysely<{ counters: { name: string; value: number } }>) {
            await db.schema
              .createTable('counters')
              .addColumn('name', 'text', (c) => c.primaryKey().notNull())
              .addColumn('value', 'bigint', (c) => c.notNull())
              .execute()
            await db
              .insertInto('counters')
              .values([
                { name: 'a', value: 0 },
                { name: 'b', value: 0 },
              ])
              .execute()
          },
        },
      }
      const source = await filled(file())
      await migrate(source, counting)
      await sql`update counters set value = 5 where name = 'b'`.execute(source)
      const target = await open(make())
      await migrate(target, counting)
      const copied = await copyDatabase({ source, target, names, migrations: counting })
      expect(copied[0]).toMatchObject({ table: 'counters', rows: 2 })
      await sql`delete from things`.execute(target)
      await sql`delete from log`.execute(target)
      await expect(copyDatabase({ source, target, names, migrations: counting })).rejects.toThrow(
        /^there is not empty: its table counters has rows/,
      )
      const fresh = await open(make())
      expect(await copyDatabase({ source, target: fresh, names, migrations: counting })).toEqual(copied)
      for (const db of [source, target, fresh]) await db.destroy()
    },
  )

  test('of an older schema is copied with that, and not into a newer one', async () => {
    const source = await filled(file())
    expect(await migrateDown(source, migrations)).toBe('0002-log')
    const target = await open(placeIn(server))
    expect(await copyDatabase({ source, target, names, migrations })).toMatchObject([
      { table: 'things', rows: ROWS },
    ])
    expect(await migrate(target, migrations)).toEqual(['0002-log'])
    const newer = await open(placeIn(server))
    await migrate(newer, migrations)
    await expect(copyDatabase({ source, target: newer, names, migrations })).rejects.toThrow(
      /there has the schema 0002-log, here has 0001-things; bring the older one up to date/,
    )
    await expect(migrateDown(source, migrations)).rejects.toThrow(/0001-things cannot be taken back/)
    for (const db of [source, target, newer]) await db.destroy()
  })

  test.each([
    ['SQLite', file],
    ['PostgreSQL', () => placeIn(server)],
  ])('in %s is backed up while it is written, and restored', async (_, make) => {
    const place = make()
    const source = await filled(place)
    const backup = join(folder, `backup-${++files}.db`)
    let going = true
    let written = 0
    const writing = (async () => {
      for (; going; written++, await breathe())
        await typed(source)
          .insertInto('log')
          .values({ text: `later ${written}` })
          .execute()
    })()
    const path = place.url === undefined ? place.path : undefined
    await backUp({ source, path, file: backup, names, migrations })
    going = false
    await writing
    await expect(backUp({ source, path, file: backup, names, migrations })).rejects.toThrow(
      /is there already/,
    )
    const kept = await open({ path: backup })
    const again = await open(make())
    const copied = await copyDatabase({ source: kept, target: again, names, migrations })
    expect(copied[1]).toMatchObject({ table: 'things', rows: ROWS })
    expect(copied[0]?.rows).toBeGreaterThanOrEqual(2)
    for (const db of [source, kept, again]) await db.destroy()
  })
})
