import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Kysely, sql } from 'kysely'
import { TransactionalSqliteDialect } from './dialect.ts'
import { DatabaseError } from './error.ts'
import type { DatabasePlace } from './place.ts'
import { openPostgres } from './postgres/open.ts'

/** An open database whose tables its holder does not know. */
export type OpenDatabase = Kysely<unknown>

/**
 * Opens the database of a place, SQLite or PostgreSQL. `Tables` is the type of the schema, for Kysely. Rejects with a
 * DatabaseError. Close with destroy().
 */
export const openPlace = <Tables>(place: DatabasePlace): Promise<Kysely<Tables>> =>
  place.url === undefined ? openDatabase<Tables>({ path: place.path }) : openPostgres<Tables>(place)

/**
 * Opens, and creates with its folder when it is not there, an SQLite database that keeps every commit through a power
 * cut (WAL, synchronous=FULL). `:memory:` keeps nothing. `Tables` is the type of the schema, for Kysely.
 * Rejects with a DatabaseError when the file is corrupt, locked, not writable, or Node is too old. Close with destroy().
 */
export async function openDatabase<Tables>(options: {
  path: string
  /** How long a statement waits for another process's lock. */
  busyTimeoutMs?: number
  nodeVersion?: string
}): Promise<Kysely<Tables>> {
  const { path, busyTimeoutMs = 5000, nodeVersion = process.versions.node } = options
  // better-sqlite3 13 does not fail there, it takes the process down with a segmentation fault.
  if (Number.parseInt(nodeVersion, 10) < 22) {
    throw new DatabaseError(
      `the database needs Node 22 or later, this is ${nodeVersion}; run ADF by its npm scripts, which bring Node 24`,
    )
  }
  if (path !== ':memory:') {
    await mkdir(dirname(resolve(path)), { recursive: true }).catch((error: unknown) => {
      throw new DatabaseError(`cannot create the folder of ${path}: ${text(error)}`, { cause: error })
    })
  }
  const { default: Sqlite } = await import('better-sqlite3')
  let database: InstanceType<typeof Sqlite> | undefined
  try {
    database = new Sqlite(path, { timeout: busyTimeoutMs })
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    database.pragma('foreign_keys = ON')
    // Opening is lazy, and so is `begin immediate` on a read-only file: a read and a write that is undone tell now.
    database.prepare('select count(*) from sqlite_schema').get()
    database.exec('begin immediate; create table adf_can_write (x); rollback')
    const db = new Kysely<Tables>({ dialect: new TransactionalSqliteDialect({ database }) })
    // Kysely closes a database only after its first query.
    await sql`select 1`.execute(db)
    return db
  } catch (error) {
    database?.close()
    throw new DatabaseError(explain(path, error), { cause: error })
  }
}

function explain(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return `${path} is locked by another process; stop that one, or give this one its own store.path`
  }
  if (code.startsWith('SQLITE_NOTADB')) {
    return `${path} is not an SQLite database; move it away, or point store.path elsewhere`
  }
  if (code.startsWith('SQLITE_CORRUPT')) {
    return `${path} is damaged; restore it from a backup, or move it away to begin anew`
  }
  if (code.startsWith('SQLITE_READONLY')) {
    return `${path} cannot be written by this user; check the owner of the file and its folder, and the mount`
  }
  if (code.startsWith('SQLITE_CANTOPEN')) {
    return `${path} cannot be opened; it must be a file, in a folder that this user may write`
  }
  return `${path} cannot be opened: ${text(error)}`
}

const text = (error: unknown) => (error instanceof Error ? error.message : String(error))
