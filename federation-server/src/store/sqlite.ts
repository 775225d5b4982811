import type { DatabaseUnwritable } from '@adf/service'
import { openStore } from './open.ts'
import type { Store } from './store.ts'

/** openStore with an SQLite file (or `:memory:`). */
export const openSqliteStore = ({
  path,
  ...options
}: {
  path: string
  writable?: (fault: DatabaseUnwritable | undefined) => void
}): Promise<Store> => openStore({ place: { path }, ...options })
