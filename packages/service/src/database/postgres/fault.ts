/** There is no connection to PostgreSQL now, or it was lost: what was asked of it may be asked again. */
export class DatabaseUnavailable extends Error {
  override name = 'DatabaseUnavailable'
  /** SQLSTATE, or the errno of the socket, or CONNECTION_LOST. */
  readonly code: string

  constructor(code: string, cause: Error) {
    super(`PostgreSQL cannot be reached: ${cause.message} (${code})`, { cause })
    this.code = code
  }
}

/** Nobody knows yet whether a transaction was committed: the connection was lost while it was. */
export class OutcomeUnknown extends Error {
  override name = 'OutcomeUnknown'
  /** Asks the database. Resolves once it is certain; rejects while the database cannot be asked. */
  readonly settle: () => Promise<'committed' | 'undone'>

  constructor(cause: unknown, settle: () => Promise<'committed' | 'undone'>) {
    super('the connection to PostgreSQL was lost during a commit', { cause })
    this.settle = settle
  }
}

/** Another process took over what this one had claimed. It must not write any more. */
export class ClaimLost extends Error {
  override name = 'ClaimLost'
  readonly code = 'CLAIM_LOST'
}

const SOCKET = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOENT',
  'EACCES',
])
/** SQLSTATE of sessions that are over, or cannot begin: class 08, shutdowns and timeouts of 57P and 25P, class 28, class 3D, 53300. */
const SESSION = /^(08...|57P0[1-5]|25P0[345]|28...|3D...|53300)$/
/** The driver has no codes for these. */
const LOST =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client (has encountered|was closed)|The server does not support SSL)/

/** The error as DatabaseUnavailable when it says that there is no session; undefined for any other. */
export function unavailable(error: unknown): DatabaseUnavailable | undefined {
  if (error instanceof DatabaseUnavailable) return error
  if (!(error instanceof Error)) return undefined
  const code = 'code' in error ? String(error.code) : ''
  if (SOCKET.has(code) || SESSION.test(code)) return new DatabaseUnavailable(code, error)
  return LOST.test(error.message) ? new DatabaseUnavailable('CONNECTION_LOST', error) : undefined
}

/**
 * SQLSTATE of what keeps every write from the database, whatever it holds: resources (53), a read-only server (25006), a
 * statement or lock that took too long (57014, 55P03), another transaction in the way again and again (40), a failing disk
 * (58), a right that was taken away (42501).
 */
export const EVERY_WRITE = /^(53...|25006|57014|55P03|40001|40P01|58...|42501)$/

/** SQLSTATE of transactions that another one stood in the way of: serialization failure, deadlock. */
const IN_THE_WAY = /^40(001|P01)$/

/** Whether the same transaction may well succeed at once: it was undone, and by nothing that lasts. */
export function worthAnotherTry(error: unknown): boolean {
  if (error instanceof DatabaseUnavailable) return true
  return error instanceof Error && 'code' in error && IN_THE_WAY.test(String(error.code))
}
