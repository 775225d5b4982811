import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { type Generated, type Kysely, sql } from 'kysely'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { DatabaseError } from './error.ts'
import { migrate } from './migrate.ts'
import { openDatabase } from './open.ts'

interface Tables {
  thing: { id: Generated<number>; name: string }
}

const folder = mkdtempSync(join(tmpdir(), 'adf-database-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const fresh = () => join(folder, `${files++}`, 'deep', 'adf.db')

async function open(path = fresh()): Promise<Kysely<Tables>> {
  const db = await openDatabase<Tables>({ path, busyTimeoutMs: 20 })
  onTestFinished(() => db.destroy())
  return db
}
const failure = (path: string) =>
  open(path).then(
    () => undefined,
    (error: unknown) => error,
  )

test('makes the folder and the file, and keeps commits through a power cut', async () => {
  const path = fresh()
  const db = await open(path)
  const value = async (name: string) =>
    Object.values((await sql<object>`pragma ${sql.raw(name)}`.execute(db)).rows[0] ?? {})[0]
  expect(await value('journal_mode')).toBe('wal')
  expect(await value('synchronous')).toBe(2)
  expect(await value('foreign_keys')).toBe(1)
  expect(await value('busy_timeout')).toBe(20)
  expect(existsSync(path)).toBe(true)
})

test('what was written is there again', async () => {
  const path = fresh()
  const first = await openDatabase<Tables>({ path })
  await sql`create table thing (id integer primary key, name text)`.execute(first)
  await first.insertInto('thing').values({ name: 'kept' }).execute()
  await first.destroy()
  expect(await (await open(path)).selectFrom('thing').select('name').execute()).toEqual([{ name: 'kept' }])
})

test('a file that is no database is left alone and named', async () => {
  const path = join(folder, 'notes.txt')
  writeFileSync(path, 'these are notes, not a database; '.repeat(200))
  const before = readFileSync(path)
  expect(await failure(path)).toBeInstanceOf(DatabaseError)
  expect(String(await failure(path))).toContain(`${path} is not an SQLite database`)
  expect(readFileSync(path)).toEqual(before)
})

test('a damaged file is told', async () => {
  const path = fresh()
  const db = await openDatabase<Tables>({ path })
  await sql`create table thing (id integer primary key, name text)`.execute(db)
  await db.destroy()
  const content = readFileSync(path)
  writeFileSync(path, content.fill(0xff, 100))
  expect(String(await failure(path))).toContain(`${path} is damaged`)
})

test('a file that another process holds is told', async () => {
  const path = fresh()
  await (await openDatabase({ path })).destroy()
  const other = new Sqlite(path)
  onTestFinished(() => void other.close())
  other.exec('begin immediate')
  expect(String(await failure(path))).toContain(`${path} is locked by another process`)
})

test('a folder in place of the file, or a file in place of the folder, is told', async () => {
  expect(String(await failure(folder))).toContain(`${folder} cannot be opened`)
  const file = join(folder, 'file')
  writeFileSync(file, '')
  expect(String(await failure(join(file, 'adf.db')))).toContain(
    `cannot create the folder of ${join(file, 'adf.db')}`,
  )
})

test('a file that may not be written is told', async () => {
  const path = fresh()
  await (await openDatabase({ path })).destroy()
  chmodSync(path, 0o444)
  if (process.getuid?.() !== 0) {
    expect(String(await failure(path))).toContain(`${path} cannot be written`)
    return
  }
  // Root may write anything; the kernel takes even that away from a process that gives up the capability to.
  const program = `import { openDatabase } from ${JSON.stringify(join(import.meta.dirname, 'open.ts'))}
    await openDatabase({ path: ${JSON.stringify(path)} }).catch((error) => console.log(error.message))`
  const run = spawnSync(
    'setpriv',
    [
      '--bounding-set=-dac_override',
      '--inh-caps=-dac_override',
      process.execPath,
      '--input-type=module',
      '-e',
      program,
    ],
    { encoding: 'utf8' },
  )
  expect(run.stdout + run.stderr).toContain(`${path} cannot be written`)
})

test('under an older Node it refuses before the driver is loaded', async () => {
  await expect(openDatabase({ path: fresh(), nodeVersion: '20.20.2' })).rejects.toThrow(
    /needs Node 22 or later, this is 20\.20\.2/,
  )
})

const migrations = {
  '0001_thing': {
    up: (db: Kysely<unknown>) =>
      db.schema
        .createTable('thing')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('name', 'text')
        .execute(),
  },
  '0002_index': {
    up: (db: Kysely<unknown>) => db.schema.createIndex('thing_name').on('thing').column('name').execute(),
  },
}

test('migrations run in order, once', async () => {
  const db = await open()
  const [first, second] = Object.entries(migrations)
  expect(await migrate(db, Object.fromEntries([first!]))).toEqual(['0001_thing'])
  expect(await migrate(db, Object.fromEntries([first!, second!]))).toEqual(['0002_index'])
  expect(await migrate(db, migrations)).toEqual([])
  await db.insertInto('thing').values({ name: 'x' }).execute()
})

test('a database of a newer version is refused and unchanged', async () => {
  const db = await open()
  await migrate(db, { ...migrations, '0003_later': { up: async () => {} } })
  await expect(migrate(db, migrations)).rejects.toThrow(
    /made by a newer version of ADF \(it has 0003_later\)/,
  )
})

test('when a migration fails, none of its run took effect', async () => {
  const db = await open()
  const bad = {
    ...migrations,
    '0003_bad': { up: async (tables: Kysely<unknown>) => void (await sql`nonsense`.execute(tables)) },
  }
  await expect(migrate(db, bad)).rejects.toThrow(/migration 0003_bad failed and was undone: .*nonsense/)
  expect((await db.introspection.getTables()).map(({ name }) => name)).not.toContain('thing')
  expect(await migrate(db, migrations)).toHaveLength(2)
})

test('migrations that are not in order are refused', async () => {
  const [first, second] = Object.entries(migrations)
  await expect(migrate(await open(), Object.fromEntries([second!, first!]))).rejects.toThrow(
    'migration 0001_thing is not in ascending order',
  )
})
