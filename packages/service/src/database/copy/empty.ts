import { type Kysely, sql, type TableMetadata } from 'kysely'
import type { Migration } from 'kysely/migration'
import { DatabaseError } from '../error.ts'
import { appliedMigrations, migrateTo } from '../migrate.ts'
import { openDatabase } from '../open.ts'
import { type Row, TableChecksum } from './checksum.ts'

/** Rejects with a DatabaseError when a database holds rows that its migrations did not put there. @param name for people */
export async function assertEmpty(
  db: Kysely<unknown>,
  name: string,
  migrations: Readonly<Record<string, Migration>>,
): Promise<void> {
  const last = (await appliedMigrations(db)).at(-1)
  const atFirst = last === undefined ? new Map<string, TableChecksum>() : await rowsAtFirst(migrations, last)
  for (const { name: table } of await tablesOf(db)) {
    const { rows = 0, hex = new TableChecksum().hex } = atFirst.get(table) ?? {}
    const now = await checksumOf(db, table, rows + 1)
    if (now.rows > rows || now.hex !== hex)
      throw new DatabaseError(`${name} is not empty: its table ${table} has rows; nothing was copied`)
  }
}

/** The tables of the services, without those of migrations and of the engines. */
export async function tablesOf(db: Kysely<unknown>): Promise<TableMetadata[]> {
  const tables = await db.introspection.getTables()
  return tables
    .filter(({ name, isView }) => !isView && !/^(adf_|kysely_|sqlite_)/.test(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** What migrations put into a new database, by table. */
async function rowsAtFirst(
  migrations: Readonly<Record<string, Migration>>,
  last: string,
): Promise<Map<string, TableChecksum>> {
  const db = await openDatabase<unknown>({ path: ':memory:' })
  try {
    await migrateTo(db, migrations, last)
    const found = new Map<string, TableChecksum>()
    for (const { name } of await tablesOf(db)) found.set(name, await checksumOf(db, name))
    return found
  } finally {
    await db.destroy()
  }
}

async function checksumOf(db: Kysely<unknown>, table: string, most = 1000): Promise<TableChecksum> {
  const checksum = new TableChecksum()
  const { rows } = await sql<Row>`select * from ${sql.table(table)} limit ${sql.lit(most)}`.execute(db)
  for (const row of rows) checksum.add(row)
  return checksum
}
