import { type Kysely, sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { GroupCommit } from './commit.ts'
import { leaseContract } from './leases.contract.ts'
import { fenceOf, type LeaseTables, SqlLeases } from './leases.ts'
import { openDatabase } from './open.ts'

let db: Kysely<LeaseTables>
let commit: GroupCommit<LeaseTables>

beforeEach(async () => {
  db = await openDatabase<LeaseTables>({ path: ':memory:' })
  await sql`create table leases (
    name text primary key not null, holder text not null, fence bigint not null, expires_ms bigint not null
  )`.execute(db)
  commit = new GroupCommit(db)
})
afterEach(async () => {
  await commit.stop()
  await db.destroy()
})

leaseContract(() => new SqlLeases(commit))

test('the fence is that of the latest holder, also of a lease that was given back', async () => {
  const fence = () => commit.write((transaction) => fenceOf(transaction, 'x'))
  const leases = new SqlLeases(commit)
  expect(await fence()).toBeUndefined()
  await leases.acquire('x', 'a', 0, 100)
  expect(await fence()).toBe(1)
  await leases.acquire('x', 'b', 100, 100)
  await leases.release('x', 'b')
  expect(await fence()).toBe(2)
})
