import type { Kysely, Transaction } from 'kysely'
import type { Tables } from '../schema.ts'

type Name = Tables['counters']['name']

/** The next number. Its row stays locked until the commit, so that others see numbers in the order in which they were given. */
export async function nextOf(db: Transaction<Tables>, name: Name): Promise<number> {
  const { value } = await db
    .updateTable('counters')
    .set((row) => ({ value: row('value', '+', 1) }))
    .where('name', '=', name)
    .returning('value')
    .executeTakeFirstOrThrow()
  return Number(value)
}

/** The latest number that was given. */
export async function latestOf(db: Kysely<Tables>, name: Name): Promise<number> {
  const { value } = await db
    .selectFrom('counters')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirstOrThrow()
  return Number(value)
}
