import { placeIn } from '@adf/service/testing'
import { describe, inject } from 'vitest'
import { openStore } from './open.ts'
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
})
