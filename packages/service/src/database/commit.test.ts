import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { type Generated, type Kysely, sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CommitQueueClosed, CommitQueueFull, GroupCommit } from './commit.ts'
import { openDatabase } from './open.ts'

interface Tables {
  thing: { id: Generated<number>; name: string }
}

let folder: string
let db: Kysely<Tables>
/** Another process, as far as SQLite knows: sees what is committed and nothing else. */
let other: Sqlite.Database

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'adf-commit-'))
  db = await openDatabase<Tables>({ path: join(folder, 'adf.db') })
  await sql`create table thing (id integer primary key, name text not null unique)`.execute(db)
  other = new Sqlite(join(folder, 'adf.db'))
})
afterEach(async () => {
  other.close()
  await db.destroy()
  rmSync(folder, { recursive: true })
})

const committed = () => other.prepare<[], string>('select name from thing order by id').pluck().all()
const add = (commit: GroupCommit<Tables>, name: string) =>
  commit.write(async (transaction) => {
    const row = await transaction
      .insertInto('thing')
      .values({ name })
      .returning('id')
      .executeTakeFirstOrThrow()
    return row.id
  })

test('what was acknowledged is committed, in the order of the writes, with its result', async () => {
  const commit = new GroupCommit(db)
  const names = Array.from({ length: 50 }, (_, i) => `n${i}`)
  expect(await Promise.all(names.map((name) => add(commit, name)))).toEqual(names.map((_, i) => i + 1))
  expect(committed()).toEqual(names)
})

test('many writes share few commits', async () => {
  const version = () => Number(other.pragma('data_version', { simple: true }))
  const seen = new Set([version()])
  const commit = new GroupCommit(db, { maxBatch: 100 })
  const writes = Array.from({ length: 500 }, (_, i) => add(commit, `n${i}`).then(() => seen.add(version())))
  await Promise.all(writes)
  expect(committed()).toHaveLength(500)
  expect(seen.size - 1).toBeLessThanOrEqual(5)
})

test('one bad write is undone and rejected alone', async () => {
  const commit = new GroupCommit(db)
  const bad = () =>
    commit.write(async (transaction) => {
      await transaction.insertInto('thing').values({ name: 'half' }).execute()
      await transaction.insertInto('thing').values({ name: 'a' }).execute()
    })
  const results = await Promise.allSettled([add(commit, 'a'), bad(), add(commit, 'b')])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(results[1]).toMatchObject({ reason: { code: 'SQLITE_CONSTRAINT_UNIQUE' } })
  expect(committed()).toEqual(['a', 'b'])
  await add(commit, 'c')
  expect(committed()).toEqual(['a', 'b', 'c'])
})

test('a full queue refuses, and takes again once it is written', async () => {
  const commit = new GroupCommit(db, { maxPending: 2 })
  const taken = [add(commit, 'a'), add(commit, 'b')]
  expect(commit.pending).toBe(2)
  await expect(add(commit, 'c')).rejects.toBeInstanceOf(CommitQueueFull)
  await Promise.all(taken)
  await add(commit, 'd')
  expect(committed()).toEqual(['a', 'b', 'd'])
})

test('stop commits what waits without its delay, and refuses what comes later', async () => {
  const commit = new GroupCommit(db, { maxDelayMs: 1_000_000 })
  const write = add(commit, 'a')
  await commit.stop()
  expect(committed()).toEqual(['a'])
  await write
  await expect(add(commit, 'b')).rejects.toBeInstanceOf(CommitQueueClosed)
  await commit.stop()
})

test('when the commit itself fails, every write of it is rejected', async () => {
  const commit = new GroupCommit(db)
  await db.destroy()
  const results = await Promise.allSettled([add(commit, 'a'), add(commit, 'b')])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(committed()).toEqual([])
})
