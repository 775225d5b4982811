import { DatabaseError, type OpenDatabase } from '@adf/service'
import { sql } from 'kysely'

/** Rejects with a DatabaseError while a server holds the lease of a database, or held it a moment ago. */
export async function assertUnused(db: OpenDatabase, nowMs: number): Promise<void> {
  const tables = await db.introspection.getTables()
  if (!tables.some(({ name }) => name === 'leases')) return
  const { rows } = await sql`select 1 from leases where expires_ms > ${nowMs}`.execute(db)
  if (rows.length > 0)
    throw new DatabaseError('a federation server drives its rounds there, or did a moment ago; stop it first')
}
