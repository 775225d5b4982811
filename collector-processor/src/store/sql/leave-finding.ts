import type { Transaction } from 'kysely'
import type { Tables } from '../schema.ts'
import type { Found } from '../shard.ts'

/** Leaves an anomaly for the reducer, in the transaction that stores it. */
export async function leaveFinding(db: Transaction<Tables>, anomalyId: string, found: Found): Promise<void> {
  await db
    .insertInto('findings')
    .values({ anomaly_id: anomalyId, step_ms: Math.floor(found.stepMs), first: found.first ? 1 : 0 })
    .onConflict((conflict) => conflict.column('anomaly_id').doNothing())
    .execute()
}
