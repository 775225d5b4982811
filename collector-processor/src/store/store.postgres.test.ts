import { placeIn } from '@adf/service/testing'
import { describe, inject } from 'vitest'
import { openStore } from './open.ts'
import { storeContract } from './store.contract.ts'
import { MOST_THRESHOLDS } from './thresholds.contract.ts'

const server = inject('postgres')

describe.skipIf(server === undefined)('in PostgreSQL', () => {
  const fresh = () => placeIn(server, { connect_timeout: 30_000 })
  let place = fresh()
  storeContract('PostgreSQL', {
    open: (clock) => {
      place = fresh()
      return openStore({ place, clock, mostThresholds: MOST_THRESHOLDS })
    },
    reopen: async (store) => {
      await store.close()
      return openStore({ place, clock: () => 0, mostThresholds: MOST_THRESHOLDS })
    },
  })
})
