import { openStore, type StoreOptions } from './open.ts'
import type { Store } from './store.ts'

/** openStore with an SQLite file (or `:memory:`). */
export const openSqliteStore = ({ path, ...options }: StoreOptions & { path: string }): Promise<Store> =>
  openStore({ place: { path }, ...options })
