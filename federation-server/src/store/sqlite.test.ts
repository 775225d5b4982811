import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '@adf/service'
import { sql } from 'kysely'
import { afterAll, expect, it } from 'vitest'
import { prepare } from './sample.test-data.ts'
import { openSqliteStore } from './sqlite.ts'
import { storeContract } from './store.contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'adf-federation-store-'))
let files = 0
const path = () => join(folder, `${files}.db`)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

storeContract('SQLite', {
  open: () => {
    files++
    return openSqliteStore({ path: path() })
  },
  reopen: async (store) => {
    await store.close()
    return openSqliteStore({ path: path() })
  },
})

it.each([
  ["update audit set subject = 'other' where sequence = 3", 3],
  ["update audit set detail = 'no json' where sequence = 2", 2],
  ['update audit set at_ms = 9e18 where sequence = 2', 2],
  ['delete from audit where sequence = 1', 1],
])('shows that its audit log was changed: %s', async (change, at) => {
  files++
  const store = await openSqliteStore({ path: path() })
  await prepare(store, 2)
  await store.close()
  const db = await openDatabase({ path: path() })
  await sql.raw(change).execute(db)
  await db.destroy()
  const again = await openSqliteStore({ path: path() })
  expect(await again.audit.verify()).toMatchObject({ sound: false, broken_at: at })
  await again.close()
})

it('is written by two servers, and what one has seen the other knows', async () => {
  files++
  const stores = [await openSqliteStore({ path: path() }), await openSqliteStore({ path: path() })]
  await prepare(stores[0]!, 1)
  const fresh: boolean[] = []
  // In turns: in one process, one would wait for the lock of the other without letting it go on.
  for (let n = 0; n < 20; n++)
    for (const store of [stores[n % 2]!, stores[(n + 1) % 2]!])
      fresh.push(await store.clients.seen('c1', `nonce-${n}`, 1, 100))
  expect(fresh).toEqual(Array.from({ length: 20 }, () => [true, false]).flat())
  for (const store of stores) await store.close()
})
