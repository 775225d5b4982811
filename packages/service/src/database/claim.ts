import { readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import type { Kysely } from 'kysely'
import { DatabaseError } from './error.ts'
import type { DatabasePlace } from './place.ts'
import { claimRole, shareRole } from './postgres/claim.ts'
import { postgresOf } from './postgres/open.ts'

/** Held by the one process that works with a database. */
export interface Claim {
  release(): Promise<void>
}

/**
 * Claims an open database for this process: the file as claimDatabase does, a schema of PostgreSQL by its role, so that
 * others may work there with another one. `lostClaim` is called when another process took the role over, while this one
 * could not be told from one that is gone: nothing can be written by `db` any more.
 */
export async function claimOpenDatabase<Tables>(
  db: Kysely<Tables>,
  { place, role, lostClaim }: { place: DatabasePlace; role: string; lostClaim: () => void },
): Promise<Claim> {
  const known = postgresOf(db)
  if (known !== undefined) return claimRole({ ...known, role, lostClaim })
  if (place.url !== undefined) throw new Error('the database is not open')
  return claimDatabase(place.path)
}

/** Takes part in a role of an open database: any number of processes do, while none has claimed it, and none can meanwhile. */
export async function shareOpenDatabase<Tables>(
  db: Kysely<Tables>,
  { place, role }: { place: DatabasePlace; role: string },
): Promise<Claim> {
  const known = postgresOf(db)
  if (known !== undefined) return shareRole({ place: known.place, role })
  if (place.url !== undefined) throw new Error('the database is not open')
  return shareDatabase(place.path)
}

/**
 * Claims the database at `path`, which is there, for this process: a second claim is a DatabaseError that names the first
 * one's process. Who claims nothing may open the database all the same. The lock is SQLite's, on an empty file beside the
 * database (`.lock`): the kernel lets go of it however the process ends, so that nothing is in the way of the next start,
 * and no process id is compared, which says little between containers. `.pid` is only for the message.
 */
export const claimDatabase = (path: string): Promise<Claim> => lockedBy(path, 'begin exclusive')

/** Takes part in the work with the database at `path`: any number of processes do, while none has claimed it. */
export const shareDatabase = (path: string): Promise<Claim> =>
  // The lock of a reader, taken with the first read.
  lockedBy(path, 'begin; select count(*) from sqlite_schema')

async function lockedBy(path: string, statements: string): Promise<Claim> {
  if (path === ':memory:') return { release: async () => {} }
  // By one name, whatever links lead there.
  const file = await realpath(path)
  const { default: Sqlite } = await import('better-sqlite3')
  const owner = `${file}.pid`
  let lock: InstanceType<typeof Sqlite> | undefined
  try {
    lock = new Sqlite(`${file}.lock`, { timeout: 0 })
    // Nothing is ever written into it, so there is nothing to undo after a crash, and a full disk does not matter.
    lock.pragma('journal_mode = memory')
    lock.exec(statements)
  } catch (error) {
    lock?.close()
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    throw new DatabaseError(
      code.startsWith('SQLITE_BUSY')
        ? `${path} is in use by another adf, ${await nameOf(owner)}; stop that one, or give this one its own store.path`
        : `${path} cannot be locked by ${file}.lock: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
  const held = lock
  const own = `${process.pid} ${hostname()}\n`
  await writeFile(owner, own).catch(() => {})
  const release = async () => {
    // That of another one that takes part stays.
    if ((await readFile(owner, 'utf8').catch(() => '')) === own)
      await rm(owner, { force: true }).catch(() => {})
    held.close()
  }
  let released: Promise<void> | undefined
  return { release: () => (released ??= release()) }
}

async function nameOf(owner: string): Promise<string> {
  const [pid, host] = (await readFile(owner, 'utf8').catch(() => '')).trim().split(' ')
  if (!pid) return 'whose pid is not known'
  return host === undefined || host === hostname() ? `pid ${pid}` : `pid ${pid} on ${host}`
}
