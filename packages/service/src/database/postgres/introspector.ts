import {
  type DatabaseMetadataOptions,
  type Kysely,
  PostgresIntrospector,
  sql,
  type TableMetadata,
} from 'kysely'
import { DEFAULT_MIGRATION_LOCK_TABLE, DEFAULT_MIGRATION_TABLE } from 'kysely/migration'

interface Column {
  readonly table: string
  readonly schema: string
  readonly is_view: boolean
  readonly name: string
  readonly type: string
  readonly type_schema: string
  readonly is_nullable: boolean
  readonly has_default: boolean
  readonly is_identity: boolean
}

/**
 * Sees the schema of the search path only: others in the database may hold tables of the same names. A partition is part of its table. Kysely's asks for the columns of all
 * tables of the database, which takes long where there are many.
 */
export class SchemaIntrospector extends PostgresIntrospector {
  readonly #db: Kysely<unknown>

  constructor(db: Kysely<unknown>) {
    super(db)
    this.#db = db
  }

  override async getTables({ withInternalKyselyTables }: DatabaseMetadataOptions = NONE) {
    const { rows } = await sql<Column>`
      select c.relname as table, current_schema() as schema, c.relkind = 'v' as is_view, a.attname as name,
        t.typname as type, t.typnamespace::regnamespace::text as type_schema, not a.attnotnull as is_nullable,
        a.atthasdef as has_default, a.attidentity <> '' as is_identity
      from pg_catalog.pg_class c
        join pg_catalog.pg_attribute a on a.attrelid = c.oid
        join pg_catalog.pg_type t on t.oid = a.atttypid
      where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition
        and a.attnum > 0 and not a.attisdropped
      order by c.relname collate "C", a.attnum`.execute(this.#db)
    return [...Map.groupBy(rows, ({ table }) => table)]
      .map(([name, columns]) => tableOf(name, columns))
      .filter(({ name }) => withInternalKyselyTables || !INTERNAL.has(name))
  }
}

const NONE: DatabaseMetadataOptions = { withInternalKyselyTables: false }
const INTERNAL = new Set([DEFAULT_MIGRATION_TABLE, DEFAULT_MIGRATION_LOCK_TABLE])

const tableOf = (name: string, columns: readonly Column[]): TableMetadata => ({
  name,
  ...(columns[0] && { schema: columns[0].schema }),
  isView: columns[0]?.is_view === true,
  isForeign: false,
  columns: columns.map((column) => ({
    name: column.name,
    dataType: column.type,
    dataTypeSchema: column.type_schema,
    isNullable: column.is_nullable,
    hasDefaultValue: column.has_default,
    isAutoIncrementing: column.is_identity,
  })),
})
