import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { type Generated, type Kysely, sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
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

test('what comes after a pause waits for nothing; what comes soon after a commit is gathered', async () => {
  const commit = new GroupCommit(db, { maxDelayMs: 1_000_000 })
  await Promise.all([add(commit, 'a'), add(commit, 'b')])
  await new Promise(setImmediate)
  const write = add(commit, 'c')
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
  expect([committed(), commit.pending]).toEqual([['a', 'b'], 1])
  await commit.stop()
  await write
})

test('stop commits what waits without its delay, and refuses what comes later', async () => {
  const commit = new GroupCommit(db, { maxDelayMs: 1_000_000 })
  await add(commit, 'a')
  const write = add(commit, 'b')
  await commit.stop()
  expect(committed()).toEqual(['a', 'b'])
  await write
  await expect(add(commit, 'c')).rejects.toBeInstanceOf(CommitQueueClosed)
  await commit.stop()
})

test('when the commit itself fails, every write of it is rejected', async () => {
  const commit = new GroupCommit(db)
  await db.destroy()
  const results = await Promise.allSettled([add(commit, 'a'), add(commit, 'b')])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(committed()).toEqual([])
})

describe('a full disk', () => {
  /** SQLite takes a file at its largest allowed size for a full disk. */
  const limit = async (pages: number) =>
    void (await sql`pragma max_page_count = ${sql.raw(String(pages))}`.execute(db))
  const FULL = {
    name: 'DatabaseUnwritable',
    code: 'SQLITE_FULL',
    message: expect.stringMatching(/disk is full/),
  }
  const large = (letter: string) => letter.repeat(200_000)

  test('is what every write of the commit is told, nothing is kept, and the next commit is whole', async () => {
    const commit = new GroupCommit(db)
    await limit(1)
    const results = await Promise.allSettled([add(commit, 'a'), add(commit, large('b')), add(commit, 'c')])
    expect(results).toMatchObject(Array.from({ length: 3 }, () => ({ status: 'rejected', reason: FULL })))
    expect(committed()).toEqual([])
    await limit(1_000_000)
    await Promise.all([add(commit, 'd'), add(commit, 'e')])
    expect(committed()).toEqual(['d', 'e'])
    await commit.stop()
  })

  test('is told too when another write of the commit fails for a reason of its own', async () => {
    const commit = new GroupCommit(db)
    await add(commit, 'a')
    await limit(1)
    const results = await Promise.allSettled([add(commit, 'a'), add(commit, large('b'))])
    expect(results).toMatchObject(Array.from({ length: 2 }, () => ({ status: 'rejected', reason: FULL })))
    expect(committed()).toEqual(['a'])
    await commit.stop()
  })

  test('is the fault until a trial write gets through, and told once each way', async () => {
    const told: (string | undefined)[] = []
    const free = Promise.withResolvers<void>()
    const commit = new GroupCommit(db, {
      trialEveryMs: 5,
      changed(fault) {
        told.push(fault?.code)
        if (fault === undefined) free.resolve()
      },
    })
    expect(commit.fault).toBeUndefined()
    await limit(1)
    for (const letter of 'bcd') await expect(add(commit, large(letter))).rejects.toMatchObject(FULL)
    expect(commit.fault).toMatchObject(FULL)
    await limit(1_000_000)
    await free.promise
    expect(commit.fault).toBeUndefined()
    expect(told).toEqual(['SQLITE_FULL', undefined])
    expect((await db.introspection.getTables()).map(({ name }) => name)).toEqual(['thing'])
    await commit.stop()
  })
})
