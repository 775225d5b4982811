import { portions } from '@adf/service'
import type { Transaction } from 'kysely'
import type { Tables } from '../schema.ts'
import type { Found } from '../shard.ts'

export interface LeftFinding {
  readonly anomalyId: string
  readonly found: Found
}

/** Leaves anomalies for the reducer, in the transaction that stores them. */
export async function leaveFindings(
  db: Transaction<Tables>,
  findings: readonly LeftFinding[],
): Promise<void> {
  const rows = findings.map(({ anomalyId, found: { stepMs, first } }) => ({
    anomaly_id: anomalyId,
    step_ms: Math.floor(stepMs),
    first: first ? 1 : 0,
  }))
  for (const some of portions(rows))
    await db
      .insertInto('findings')
      .values(some)
      .onConflict((conflict) => conflict.column('anomaly_id').doNothing())
      .execute()
}
