import { StartFault } from '../lifecycle/start-fault.ts'
import { ClaimLost, DatabaseUnavailable, EVERY_WRITE as EVERY_WRITE_OF_POSTGRES } from './postgres/fault.ts'

/** The database cannot be used; the message says which file, what is wrong and what to do. */
export class DatabaseError extends StartFault {
  override name = 'DatabaseError'
}

/** The database takes no write now, whatever it holds: the disk is full, read-only or failing, the server is gone. Nothing was written. */
export class DatabaseUnwritable extends Error {
  override name = 'DatabaseUnwritable'
  /** As SQLite names it; SQLSTATE or the errno of the socket with PostgreSQL. */
  readonly code: string

  constructor(code: string, cause: Error) {
    super(`the database cannot be written: ${cause.message} (${code})`, { cause })
    this.code = code
  }
}

/** Not what fails for some rows only, such as a constraint or a page that cannot be read. */
const EVERY_WRITE = /^SQLITE_(FULL|READONLY|CANTOPEN|BUSY|IOERR_(WRITE|FSYNC|DIR_FSYNC|TRUNCATE|LOCK|SHM))/

/** What keeps every write from the database, if the error is of that kind. */
export function unwritable(error: unknown): DatabaseUnwritable | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  const code = String(error.code)
  const all =
    error instanceof DatabaseUnavailable ||
    error instanceof ClaimLost ||
    EVERY_WRITE.test(code) ||
    EVERY_WRITE_OF_POSTGRES.test(code)
  return all ? new DatabaseUnwritable(code, error) : undefined
}
