import { type Kysely, sql, type TableMetadata, type Transaction } from 'kysely'
import type { Migration } from 'kysely/migration'
import { DatabaseError } from '../error.ts'
import { appliedMigrations, migrateTo } from '../migrate.ts'
import { type Row, TableChecksum } from './checksum.ts'
import { assertEmpty, tablesOf } from './empty.ts'
import { type CopyEngine, engineOf } from './engine.ts'

/** A table that was copied, and read back from the copy. */
export interface CopiedTable {
  readonly table: string
  readonly rows: number
  /** Of TableChecksum: the same in source and copy. */
  readonly checksum: string
}

export interface CopyOptions {
  readonly source: Kysely<unknown>
  readonly target: Kysely<unknown>
  /** How people know them. */
  readonly names: { readonly source: string; readonly target: string }
  readonly migrations: Readonly<Record<string, Migration>>
  /** Told after each piece of a table. */
  readonly progress?: (table: string, rows: number) => void
}

/**
 * Copies every row of a database into an empty one, of any engine, in one transaction: all or nothing. Each table is read
 * back from the copy and compared by its checksum before that is committed. The target gets the schema that the source has.
 * Rejects with a DatabaseError when the target is not empty, has another schema, or takes a row otherwise than it was.
 */
export async function copyDatabase(options: CopyOptions): Promise<CopiedTable[]> {
  const { source, target, names, migrations } = options
  const tables = await tablesOf(source)
  const version = await appliedMigrations(source)
  const last = version.at(-1)
  if (last === undefined) throw new DatabaseError(`${names.source} is no database of ADF: it has no schema`)
  const there = await appliedMigrations(target)
  if (there.length > 0 && there.join() !== version.join())
    throw new DatabaseError(
      `${names.target} has the schema ${there.at(-1)}, ${names.source} has ${last}; bring the older one up to date by adf db migrate`,
    )
  await assertEmpty(target, names.target, migrations)
  if (there.length === 0) await migrateTo(target, migrations, last)
  const [from, to] = [engineOf(source), engineOf(target)]
  return from.reading((reader) =>
    target.transaction().execute(async (writer) => {
      const copied: CopiedTable[] = []
      for (const table of tables) copied.push(await copyTable({ table, from, to, reader, writer, options }))
      return copied
    }),
  )
}

async function copyTable(work: {
  table: TableMetadata
  from: CopyEngine
  to: CopyEngine
  reader: Transaction<unknown>
  writer: Transaction<unknown>
  options: CopyOptions
}): Promise<CopiedTable> {
  const { table, from, to, reader, writer, options } = work
  const { name, columns } = table
  // What migrations put there is of the source too, as it is now.
  await sql`delete from ${sql.table(name)}`.execute(writer)
  const before = new TableChecksum()
  for await (const rows of from.rows(reader, name)) {
    for (const row of rows) before.add(row)
    await insert(writer, name, rows)
    options.progress?.(name, before.rows)
  }
  for (const column of columns.filter(({ isAutoIncrementing }) => isAutoIncrementing)) {
    const counted = await from.counted(reader, name, column.name)
    if (counted !== undefined) await to.countOn(writer, name, column.name, counted)
  }
  const after = new TableChecksum()
  for await (const rows of to.rows(writer, name)) for (const row of rows) after.add(row)
  if (after.hex !== before.hex || after.rows !== before.rows)
    throw new DatabaseError(
      `table ${name} is not in ${options.names.target} as it is in ${options.names.source} ` +
        `(${before.rows} rows, ${after.rows} read back); nothing was copied`,
    )
  return { table: name, rows: before.rows, checksum: before.hex }
}

async function insert(writer: Transaction<unknown>, table: string, rows: readonly Row[]): Promise<void> {
  const names = Object.keys(rows[0] ?? {})
  const values = rows.map((row) => sql`(${sql.join(names.map((name) => row[name]))})`)
  try {
    await sql`insert into ${sql.table(table)} (${sql.join(names.map((name) => sql.ref(name)))})
      values ${sql.join(values)}`.execute(writer)
  } catch (error) {
    throw new DatabaseError(
      `table ${table} holds a row that the target does not take: ${error instanceof Error ? error.message : String(error)}; nothing was copied`,
      { cause: error },
    )
  }
}
