import { readFile } from 'node:fs/promises'
import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import type { ClientConfig, PoolClient } from 'pg'
import { DatabaseError } from '../error.ts'
import type { PostgresPlace } from '../place.ts'
import { readAddress } from './address.ts'
import { unavailable } from './fault.ts'

/** Types of PostgreSQL that are numbers to us: 64-bit integers, and the numeric that sums of them are. */
const NUMBERS = new Set([20, 1700])
/** An idle session of a host that is gone is ended after so long, so that nobody waits for its locks. */
const KEEPALIVE = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3'
/** Above the server's own limit: only a server that is gone does not keep it. */
const SILENCE_MS = 5000
const IDLE_MS = 30_000

type PoolSettings = { readonly synchronousCommit: string } | undefined

/** How to connect. Rejects with a DatabaseError when a file of TLS cannot be read. */
export async function clientConfig(place: PostgresPlace, settings: PoolSettings): Promise<ClientConfig> {
  const { host, port, database, user, password, tls } = readAddress(place.url)
  const { default: pg } = await import('pg')
  const own = settings && `-c synchronous_commit=${settings.synchronousCommit}`
  const secret = place.password ?? password
  const file = place.password_file
  return {
    host,
    port,
    database,
    ...(user !== undefined && { user }),
    ...(file !== undefined
      ? { password: () => passwordOf(file) }
      : secret !== undefined && { password: secret }),
    ...((tls || place.tls !== undefined) && { ssl: await tlsOf(place.tls ?? {}) }),
    application_name: 'adf',
    client_encoding: 'UTF8',
    keepAlive: true,
    connectionTimeoutMillis: place.connect_timeout,
    statement_timeout: place.statement_timeout,
    query_timeout: place.statement_timeout + SILENCE_MS,
    idle_in_transaction_session_timeout: place.statement_timeout,
    options: [`-c search_path=${place.schema}`, '-c TimeZone=UTC', KEEPALIVE, own].join(' '),
    types: {
      getTypeParser: (oid, format) =>
        NUMBERS.has(Number(oid)) && format !== 'binary'
          ? Number
          : pg.types.getTypeParser(Number(oid), format),
    },
  }
}

const passwordOf = async (file: string): Promise<string> =>
  (await readFile(file, 'utf8').catch((error: unknown) => unreadable('password_file', file, error))).trimEnd()

async function tlsOf(files: NonNullable<PostgresPlace['tls']>) {
  const read = async (key: 'ca_file' | 'cert_file' | 'key_file') => {
    const file = files[key]
    return file && (await readFile(file).catch((error: unknown) => unreadable(`tls.${key}`, file, error)))
  }
  const [ca, cert, key] = [await read('ca_file'), await read('cert_file'), await read('key_file')]
  return { rejectUnauthorized: true, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
}

function unreadable(key: string, file: string, cause: unknown): never {
  const reason = cause instanceof Error ? cause.message : String(cause)
  throw new DatabaseError(`store.${key}: ${file} cannot be read: ${reason}`, { cause })
}

/** A connection whose failures say whether it is still one. A broken one never goes back to the pool. */
class Client implements PostgresPoolClient {
  readonly #client: PoolClient
  #broken = false

  constructor(client: PoolClient) {
    this.#client = client
  }

  query<R>(sql: string, parameters: ReadonlyArray<unknown>): Promise<PostgresQueryResult<R>>
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>
  query<R>(
    sql: string | PostgresCursor<R>,
    parameters: ReadonlyArray<unknown> = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    if (typeof sql !== 'string') throw new Error('cursors are not used here')
    return this.#run<R>(sql, parameters)
  }

  async #run<R>(sql: string, parameters: ReadonlyArray<unknown>) {
    try {
      const answer: unknown = await this.#client.query(sql, parameters.map(storable))
      // Several statements in one give several results; the last one counts.
      return (Array.isArray(answer) ? answer.at(-1) : answer) as PostgresQueryResult<R>
    } catch (error) {
      const gone = unavailable(error)
      // A server that was made read-only stays so for this session, also after its name leads to another one.
      if (gone !== undefined || (error instanceof Error && 'code' in error && error.code === '25006'))
        this.#broken = true
      throw gone ?? error
    }
  }

  release(discard = false): void {
    this.#client.release(discard || this.#broken)
  }
}

/** PostgreSQL's text holds no NUL, which SQLite's does. */
const storable = (value: unknown) =>
  typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\u{fffd}') : value

/** A pool for Kysely. Its connections are made when they are needed; those that were lost are replaced. */
export async function createPool(place: PostgresPlace, settings: PoolSettings): Promise<PostgresPool> {
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({
    ...(await clientConfig(place, settings)),
    max: place.pool_size,
    idleTimeoutMillis: IDLE_MS,
  })
  // Of connections that nobody uses now: the next one to be asked for is a new one.
  pool.on('error', () => {})
  // A lost connection must not end the process while somebody holds it and asks nothing; a server may end one in the same breath as it begins it.
  pool.on('connect', (client) => client.on('error', () => {}))
  const clients = new WeakMap<PoolClient, Client>()
  return {
    options: pool.options,
    async connect() {
      const client = await pool.connect().catch((error: unknown) => {
        throw unavailable(error) ?? error
      })
      const known = clients.get(client) ?? new Client(client)
      clients.set(client, known)
      return known
    },
    end: () => pool.end(),
  }
}
