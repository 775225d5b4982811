import type { Component, DatabasePlace, Logger } from '@adf/service'
import { closing, Lifecycle } from '@adf/service'
import type { Registry } from 'prom-client'
import { openStore } from '../store/open.ts'
import type { UnreadableRow } from '../store/sql/rows.ts'
import type { Store } from '../store/store.ts'
import type { Term } from './lead.ts'
import { Reducer, type ReducerParts } from './reducer.ts'

/** What is of one process: told of incidents, and what runs beside. */
export interface Duties {
  readonly components: readonly Component[]
  readonly told: ReducerParts['told']
}

export interface TermOptions extends Omit<ReducerParts, 'store' | 'told'> {
  readonly place: DatabasePlace
  readonly registry: Registry
  readonly log: Pick<Logger, 'error'>
  readonly unreadable: (row: UnreadableRow) => void
  /** Made anew for each term, over a store that writes only while the term lasts. */
  readonly duties: (store: Store) => Duties
}

/** Connections beside those of the member: what is of one process is little. */
const POOL = 4

/** Claims the role of the reducer, and goes on from the store. Rejects while another process has it. */
export async function beginTerm(options: TermOptions): Promise<Term> {
  const { place, registry, log, wall } = options
  let over = false
  const store = await openStore({
    place: place.url === undefined ? place : { ...place, pool_size: Math.min(POOL, place.pool_size) },
    clock: wall,
    claim: { as: 'reducer' },
    lostClaim: () => {
      over = true
      log.error(
        'another processor took the role of the reducer over while this one was cut off from the store',
      )
    },
    unreadable: options.unreadable,
  })
  const before = new Set(registry.getMetricsAsArray().map(({ name }) => name))
  const forget = () => {
    for (const { name } of registry.getMetricsAsArray())
      if (!before.has(name)) registry.removeSingleMetric(name)
  }
  let lifecycle = new Lifecycle([closing('store', store)])
  try {
    const { components, told } = options.duties(store)
    lifecycle = new Lifecycle([closing('store', store), ...components], { name: 'reducer' })
    await lifecycle.start()
    const reducer = await Reducer.begin({ ...options, store, told })
    return {
      round: () => reducer.round(),
      get over() {
        return over
      },
      async stop() {
        await lifecycle
          .stop()
          .catch((error: unknown) => log.error({ err: error }, 'the reducer did not stop'))
        forget()
      },
    }
  } catch (error) {
    await lifecycle.stop().catch(() => {})
    await store.close()
    forget()
    throw error
  }
}
