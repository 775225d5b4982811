import { describe, inject } from 'vitest'
import { openStore } from './open.ts'
import { storeContract } from './store.contract.ts'

const server = inject('postgres')

describe.skipIf(server === undefined)('in PostgreSQL', () => {
  let schemas = 0
  const place = () => ({
    url: server?.url ?? '',
    password: server?.password,
    schema: `federation_${schemas}`,
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
})
