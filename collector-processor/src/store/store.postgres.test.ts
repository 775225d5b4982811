import { describe, inject } from 'vitest'
import { openStore } from './open.ts'
import { storeContract } from './store.contract.ts'
import { MOST_THRESHOLDS } from './thresholds.contract.ts'

const server = inject('postgres')

describe.skipIf(server === undefined)('in PostgreSQL', () => {
  let schemas = 0
  const place = () => ({
    url: server?.url ?? '',
    password: server?.password,
    schema: `store_${schemas}`,
    pool_size: 3,
    connect_timeout: 30_000,
    statement_timeout: 30_000,
  })
  storeContract('PostgreSQL', {
    open: (clock) => {
      schemas++
      return openStore({ place: place(), clock, mostThresholds: MOST_THRESHOLDS })
    },
    reopen: async (store) => {
      await store.close()
      return openStore({ place: place(), clock: () => 0, mostThresholds: MOST_THRESHOLDS })
    },
  })
})
