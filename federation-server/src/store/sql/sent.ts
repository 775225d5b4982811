import { sql } from 'kysely'
import type { Tx } from './context.ts'

export interface Sent {
  readonly run: string
  readonly round: number
  readonly clientId: string
  readonly body: Uint8Array
}

/** Counts what a client sent for its round and for itself. */
export async function countSent(db: Tx, { run, round, clientId, body }: Sent): Promise<void> {
  const up = sql<number>`up + ${body.length}`
  await db.updateTable('rounds').set({ up }).where('run', '=', run).where('round', '=', round).execute()
  await db
    .updateTable('holdings')
    .set({ up })
    .where('run', '=', run)
    .where('client_id', '=', clientId)
    .execute()
}
