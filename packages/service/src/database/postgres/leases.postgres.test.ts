import { type Kysely, sql } from 'kysely'
import { afterEach, beforeEach, describe, inject } from 'vitest'
import { GroupCommit } from '../commit.ts'
import { leaseContract } from '../leases.contract.ts'
import { type LeaseTables, SqlLeases } from '../leases.ts'
import { openPlace } from '../open.ts'
import { placeIn } from './postgres.test-place.ts'

const server = inject('postgres')

describe.skipIf(server === undefined)('in PostgreSQL', () => {
  let db: Kysely<LeaseTables>
  let commit: GroupCommit<LeaseTables>
  beforeEach(async () => {
    db = await openPlace<LeaseTables>(placeIn(server))
    await sql`create table leases (
      name text primary key, holder text not null, fence bigint not null, expires_ms bigint not null
    )`.execute(db)
    commit = new GroupCommit(db)
  })
  afterEach(async () => {
    await commit.stop()
    await db.destroy()
  })

  leaseContract(() => new SqlLeases(commit))
})
