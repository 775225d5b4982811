import type { Store } from './store.ts'

/** The store of the test that runs. */
export interface OpenedStore {
  readonly store: Store
  reopen(): Promise<void>
}
