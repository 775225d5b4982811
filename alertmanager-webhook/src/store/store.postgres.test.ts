import { placeIn } from '@adf/service/testing'
import { describe, expect, inject, it } from 'vitest'
import { openStore } from './open.ts'
import { alertId, line, notification, START, sampleAlert } from './sample.test-data.ts'
import { storeContract } from './store.contract.ts'

const server = inject('postgres')

describe.skipIf(server === undefined)('in PostgreSQL', () => {
  const fresh = () => placeIn(server, { connect_timeout: 30_000 })
  let place = fresh()
  storeContract('PostgreSQL', {
    open: () => {
      place = fresh()
      return openStore({ place })
    },
    reopen: async (store) => {
      await store.close()
      return openStore({ place })
    },
  })

  it('is shared by replicas that write at once: each alert is one, and each line of the audit log has its number', async () => {
    place = fresh()
    const stores = [await openStore({ place }), await openStore({ place })]
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
