import type { Migration } from 'kysely/migration'
import { federation } from './0001-federation.ts'
import { secureAggregation } from './0002-secure-aggregation.ts'
import { conflicts } from './0003-conflicts.ts'

/** In order; one that was released is never changed, moved or removed. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-federation': federation,
  '0002-secure-aggregation': secureAggregation,
  '0003-conflicts': conflicts,
}
