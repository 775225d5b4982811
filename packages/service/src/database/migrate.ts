import { type Kysely, sql } from 'kysely'
import { type Migration, type MigrationResultSet, Migrator } from 'kysely/migration'
import { DatabaseError } from './error.ts'

/**
 * Brings the schema up to date. `migrations` by name in ascending order (`0001_anomalies`, …); one that was released is
 * never changed or removed. All pending ones run in one transaction: either all or none took effect. Resolves to the
 * names that ran. Rejects with a DatabaseError when a newer version of ADF made the database, or one fails.
 */
export const migrate = <Tables>(
  db: Kysely<Tables>,
  migrations: Readonly<Record<string, Migration>>,
): Promise<string[]> => migrateTo(db, migrations)

/** migrate up to a migration, undefined: to the last. */
export async function migrateTo<Tables>(
  db: Kysely<Tables>,
  migrations: Readonly<Record<string, Migration>>,
  name?: string,
): Promise<string[]> {
  const names = Object.keys(migrations)
  const misplaced = names.find((name, i) => i > 0 && name <= (names[i - 1] ?? ''))
  if (misplaced !== undefined) throw new DatabaseError(`migration ${misplaced} is not in ascending order`)

  await assertKnown(db, migrations)
  const migrator = migratorOf(db, migrations)
  return done(await (name === undefined ? migrator.migrateToLatest() : migrator.migrateTo(name)))
}

/**
 * Takes back the last migration that took effect, with what its tables and columns held; resolves to its name, undefined
 * when there was none. Rejects with a DatabaseError when it cannot be taken back.
 */
export async function migrateDown<Tables>(
  db: Kysely<Tables>,
  migrations: Readonly<Record<string, Migration>>,
): Promise<string | undefined> {
  await assertKnown(db, migrations)
  const last = (await appliedMigrations(db)).at(-1)
  if (last === undefined) return undefined
  if (migrations[last]?.down === undefined)
    throw new DatabaseError(`migration ${last} cannot be taken back; restore the backup from before it`)
  const [name] = done(await migratorOf(db, migrations).migrateDown())
  return name
}

const migratorOf = <Tables>(db: Kysely<Tables>, migrations: Readonly<Record<string, Migration>>) =>
  new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } })

async function assertKnown<Tables>(
  db: Kysely<Tables>,
  migrations: Readonly<Record<string, Migration>>,
): Promise<void> {
  const unknown = (await appliedMigrations(db)).filter((name) => !(name in migrations))
  if (unknown.length === 0) return
  throw new DatabaseError(
    `the database was made by a newer version of ADF (it has ${unknown.join(', ')}); ` +
      'run that version, or restore the backup from before the upgrade',
  )
}

function done({ error, results = [] }: MigrationResultSet): string[] {
  if (error !== undefined) {
    const failed = results.find(({ status }) => status === 'Error')?.migrationName
    throw new DatabaseError(
      `migration ${failed ?? ''} failed and was undone: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
  return results.map(({ migrationName }) => migrationName)
}

/** Names of the migrations that took effect, in order. */
export async function appliedMigrations<Tables>(db: Kysely<Tables>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(({ name }) => name === 'kysely_migration')) return []
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  return rows.map(({ name }) => name)
}
