import { describe, expect, inject, it } from 'vitest'
import { openStore } from './open.ts'
import { alertId, line, notification, START, sampleAlert } from './sample.test-data.ts'
import { storeContract } from './store.contract.ts'

const server = inject('postgres')

describe.skipIf(server === undefined)('in PostgreSQL', () => {
  let schemas = 0
  const place = () => ({
    url: server?.url ?? '',
    password: server?.password,
    schema: `webhook_${schemas}`,
    pool_size: 3,
    connect_timeout: 30_000,
    statement_timeout: 30_000,
  })
  storeContract('PostgreSQL', {
    open: () => {
      schemas++
      return openStore({ place: place() })
    },
    reopen: async (store) => {
      await store.close()
      return openStore({ place: place() })
    },
  })

  it('is shared by replicas that write at once: each alert is one, and each line of the audit log has its number', async () => {
    schemas++
    const stores = [await openStore({ place: place() }), await openStore({ place: place() })]
    const count = 20
    const told = await Promise.all(
      Array.from({ length: count }, (_, n) =>
        stores.map(async (store, i) => {
          const [outcome] = await store.alerts.notified(
            notification({ ...sampleAlert(n), id: `${i}-${alertId(n)}` }),
            START,
          )
          await store.audit.note([line(`${i}.${n}`), line(`${i}.${n} again`)])
          return outcome
        }),
      ).flat(),
    )
    expect(told.toSorted()).toEqual(['fired', 'known'].flatMap((one) => Array(count).fill(one)))
    for (const store of stores) {
      expect(await store.alerts.firing()).toBe(count)
      const { items } = await store.audit.page({ limit: 500 })
      expect(items.map(({ sequence }) => sequence)).toEqual(
        Array.from({ length: 4 * count }, (_, n) => 4 * count - n),
      )
      expect(new Set(items.map(({ action }) => action)).size).toBe(4 * count)
      // Lines that were written together follow each other.
      const actions = items.map(({ action }) => action)
      for (const [at, action] of actions.entries())
        if (action.endsWith(' again')) expect(`${actions[at + 1]} again`).toBe(action)
    }
    for (const store of stores) await store.close()
  })
})
