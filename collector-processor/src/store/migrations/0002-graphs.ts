import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The graph as it was. The index holds the sizes, so that adding them up reads no graph. */
export const graphs: Migration = {
  async up(db: Kysely<unknown>) {
    const { schema } = db
    await schema
      .createTable('graphs')
      .addColumn('at_ms', 'bigint', (c) => c.primaryKey().notNull())
      .addColumn('size', 'bigint', (c) => c.notNull())
      .addColumn('body', 'blob', (c) => c.notNull())
      .execute()
    await schema.createIndex('graphs_size').on('graphs').columns(['at_ms', 'size']).execute()
  },
  async down({ schema }: Kysely<unknown>) {
    await schema.dropTable('graphs').execute()
  },
}
