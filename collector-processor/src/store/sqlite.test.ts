import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { openSqliteStore } from './sqlite.ts'
import { storeContract } from './store.contract.ts'
import { MOST_THRESHOLDS } from './thresholds.contract.ts'

let folder = ''
let files = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'adf-store-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

storeContract('SQLite', {
  open: (clock) =>
    openSqliteStore({ path: join(folder, `${++files}.db`), clock, mostThresholds: MOST_THRESHOLDS }),
  reopen: async (store) => {
    await store.close()
    return openSqliteStore({
      path: join(folder, `${files}.db`),
      clock: () => 0,
      mostThresholds: MOST_THRESHOLDS,
    })
  },
})
