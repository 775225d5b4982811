import { type Kysely, sql } from 'kysely'
import type { Tables } from '../schema.ts'

/** Clients with an update that would count if their run's round ended now. */
export async function waitingUpdates(
  db: Kysely<Tables>,
  run: string,
  version: number,
  stalenessLimit: number,
): Promise<number> {
  const row = await db
    .selectFrom('updates')
    .innerJoin('clients', 'clients.id', 'updates.client_id')
    .select(sql<number>`count(distinct client_id)`.as('count'))
    .where('run', '=', run)
    .where('counts_in', 'is', null)
    .where('trusted', '=', 0)
    .where((where) =>
      where.or([
        where('updates.state', '=', 'released'),
        where.and([where('updates.state', '=', 'pending'), where('base', '>=', version - stalenessLimit)]),
      ]),
    )
    .executeTakeFirstOrThrow()
  return Number(row.count)
}
