import { type Kysely, sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CommitQueueClosed, CommitQueueFull, GroupCommit } from './commit.ts'
import { GatheredWrites } from './gathered-writes.ts'
import { openDatabase } from './open.ts'

interface Tables {
  thing: { name: string }
}

let db: Kysely<Tables>
let commit: GroupCommit<Tables>
let sizes: number[]
beforeEach(async () => {
  db = await openDatabase<Tables>({ path: ':memory:' })
  await sql`create table thing (name text not null unique)`.execute(db)
  commit = new GroupCommit(db, { maxDelayMs: 0 })
  sizes = []
})
afterEach(async () => {
  await commit.stop()
  await db.destroy()
})

const gathered = (options?: { most?: number; maxWaiting?: number }) =>
  new GatheredWrites<Tables, string, string>(
    commit,
    async (transaction, names) => {
      sizes.push(names.length)
      for (const name of names) await transaction.insertInto('thing').values({ name }).execute()
      return names.map((name) =>
        name === 'refused' ? { error: new Error('not this one') } : { value: `${name}!` },
      )
    },
    options,
  )
const stored = async () => (await db.selectFrom('thing').selectAll().execute()).map(({ name }) => name)

test('what comes before the transaction begins is written at once, in order, and each gets its own result', async () => {
  const writes = gathered()
  const results = await Promise.all(['c', 'a', 'b'].map((name) => writes.write(name)))
  expect([results, sizes, await stored()]).toEqual([['c!', 'a!', 'b!'], [3], ['c', 'a', 'b']])
  await writes.write('d')
  expect(sizes).toEqual([3, 1])
})

test('no more at once than so many, and no more waiting', async () => {
  const writes = gathered({ most: 2, maxWaiting: 5 })
  const all = await Promise.allSettled(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => writes.write(name)))
  expect(sizes).toEqual([2, 2, 1])
  expect(all.at(-1)).toMatchObject({ status: 'rejected', reason: expect.any(CommitQueueFull) })
  expect(await writes.write('g')).toBe('g!')
})

test('one that is refused, and one that cannot be written, fail alone', async () => {
  const writes = gathered()
  await writes.write('a')
  const all = await Promise.allSettled(['b', 'refused', 'a', 'c'].map((name) => writes.write(name)))
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
  expect(all[1]).toMatchObject({ reason: { message: 'not this one' } })
  expect(all[2]).toMatchObject({ reason: { code: 'SQLITE_CONSTRAINT_UNIQUE' } })
  expect((await stored()).toSorted()).toEqual(['a', 'b', 'c', 'refused'])
})

test('nothing is written once the database closes', async () => {
  const writes = gathered()
  await commit.stop()
  await expect(writes.write('a')).rejects.toThrow(CommitQueueClosed)
  expect(sizes).toEqual([])
})
