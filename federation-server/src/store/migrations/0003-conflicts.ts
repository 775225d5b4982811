import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** How often a client sent something else than what is stored: the audit log tells of the first time. */
export const conflicts: Migration = {
  async up({ schema }: Kysely<unknown>) {
    for (const table of ['updates', 'secure_messages'])
      await schema
        .alterTable(table)
        .addColumn('conflicts', 'bigint', (c) => c.notNull().defaultTo(0))
        .execute()
  },
  async down({ schema }: Kysely<unknown>) {
    for (const table of ['updates', 'secure_messages'])
      await schema.alterTable(table).dropColumn('conflicts').execute()
  },
}
