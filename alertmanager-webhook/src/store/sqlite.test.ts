import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { alertId, notification, START, sampleAlert } from './sample.test-data.ts'
import { openSqliteStore } from './sqlite.ts'
import { storeContract } from './store.contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'adf-webhook-store-'))
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

it('is shared by replicas: what both were told is one alert', async () => {
  files++
  const stores = [await openSqliteStore({ path: path() }), await openSqliteStore({ path: path() })]
  const outcomes: string[] = []
  // In turns: in one process, one would wait for the lock of the other without letting it go on.
  for (let n = 0; n < 20; n++)
    for (const [i, store] of [stores[n % 2]!, stores[(n + 1) % 2]!].entries())
      outcomes.push(
        ...(await store.alerts.notified(
          notification({ ...sampleAlert(n), id: `${i}-${alertId(n)}` }),
          START,
        )),
      )
  expect(outcomes).toEqual(Array.from({ length: 20 }, () => ['fired', 'known']).flat())
  for (const store of stores) expect(await store.alerts.firing()).toBe(20)
  for (const store of stores) await store.close()
})
