import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { DatabaseError } from './error.ts'

/**
 * Brings the schema up to date. `migrations` by name in ascending order (`0001_anomalies`, …); one that was released is
 * never changed or removed. All pending ones run in one transaction: either all or none took effect. Resolves to the
 * names that ran. Rejects with a DatabaseError when a newer version of ADF made the database, or one fails.
 */
export async function migrate<Tables>(
  db: Kysely<Tables>,
  migrations: Readonly<Record<string, Migration>>,
): Promise<string[]> {
  const names = Object.keys(migrations)
  const misplaced = names.find((name, i) => i > 0 && name <= (names[i - 1] ?? ''))
  if (misplaced !== undefined) throw new DatabaseError(`migration ${misplaced} is not in ascending order`)

  const unknown = (await applied(db)).filter((name) => !(name in migrations))
  if (unknown.length > 0) {
    throw new DatabaseError(
      `the database was made by a newer version of ADF (it has ${unknown.join(', ')}); ` +
        'run that version, or restore the backup from before the upgrade',
    )
  }
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } })
  const { error, results = [] } = await migrator.migrateToLatest()
  if (error !== undefined) {
    const failed = results.find(({ status }) => status === 'Error')?.migrationName
    throw new DatabaseError(
      `migration ${failed ?? ''} failed and was undone: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
  return results.map(({ migrationName }) => migrationName)
}

async function applied<Tables>(db: Kysely<Tables>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(({ name }) => name === 'kysely_migration')) return []
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  return rows.map(({ name }) => name)
}
