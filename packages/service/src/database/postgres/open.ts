import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { Kysely, type PostgresPool } from 'kysely'
import type { Client } from 'pg'
import { DatabaseError } from '../error.ts'
import { nameOfPlace, type PostgresPlace } from '../place.ts'
import { TurnTakingPostgresDialect, type Writer } from './dialect.ts'
import { unavailable } from './fault.ts'
import { clientConfig, createPool } from './pool.ts'

const OLDEST = 130_000
const AGAIN_MS = 250

interface Opened {
  readonly place: PostgresPlace
  readonly writer: Writer
  readonly pool: PostgresPool
}

const writers = new WeakMap<object, Opened>()

/** Where a database of openPostgres is, and who writes to it; undefined for any other. */
export const postgresOf = (db: object) => writers.get(db)

/**
 * The same database with turns beside those of other processes, for transactions that change what no other process does. That of SQLite
 * has turns alone. Not to be destroyed: it has the connections of `db`.
 */
export function besideOthers<Tables>(db: Kysely<Tables>): Kysely<Tables> {
  const opened = writers.get(db)
  if (opened === undefined) return db
  return new Kysely<Tables>({ dialect: new TurnTakingPostgresDialect({ ...opened, turn: 'beside' }) })
}

/**
 * Opens a PostgreSQL database (13 or later) and makes its schema when it is not there. Every commit is on the server's disk
 * (and on those of its synchronous standbys, as the server is configured) before it is acknowledged. Rejects with a
 * DatabaseError when it cannot be reached within connect_timeout, does not let us in, or keeps nothing safely.
 */
export async function openPostgres<Tables>(place: PostgresPlace): Promise<Kysely<Tables>> {
  try {
    const synchronousCommit = await prepare(place)
    const pool = await createPool(place, { synchronousCommit })
    const writer: Writer = { id: randomUUID(), role: undefined, sequence: 0 }
    const dialect = new TurnTakingPostgresDialect({ pool, writer, turn: 'alone' })
    const db = new Kysely<Tables>({ dialect })
    writers.set(db, { place, writer, pool })
    return db
  } catch (error) {
    throw error instanceof DatabaseError ? error : explained(place, error)
  }
}

/** Looks whether openPostgres would get in, and changes nothing. Rejects with a DatabaseError. */
export async function examinePostgres(place: PostgresPlace): Promise<void> {
  try {
    const client = await connect(place)
    await safety(place, client).finally(() => client.end().catch(() => {}))
  } catch (error) {
    throw error instanceof DatabaseError ? error : explained(place, error)
  }
}

/** A connection outside the pool. Rejects with what the driver says. */
export async function connect(place: PostgresPlace): Promise<Client> {
  const { default: pg } = await import('pg')
  const client = new pg.Client(await clientConfig(place, undefined))
  client.on('error', () => {})
  await client.connect()
  return client
}

/** Checks the server and makes what ADF needs beside its tables. Resolves to the synchronous_commit of every session. */
async function prepare(place: PostgresPlace): Promise<string> {
  const client = await connectInTime(place)
  try {
    const synchronousCommit = await safety(place, client)
    await client.query('begin')
    // Two that start at once: "if not exists" alone lets them collide.
    await client.query("select pg_advisory_xact_lock(hashtextextended('adf schema', 0))")
    const { rows } = await client.query('select 1 from pg_namespace where nspname = $1', [place.schema])
    if (rows.length === 0) await client.query(`create schema "${place.schema}"`)
    await client.query(`
      create table if not exists adf_writers
        (writer uuid primary key, sequence bigint not null, at timestamptz not null);
      create table if not exists adf_claims
        (role text primary key, holder uuid not null, name text not null, since timestamptz not null);
      delete from adf_writers where at < now() - interval '7 days'`)
    await client.query('commit')
    return synchronousCommit
  } finally {
    await client.end().catch(() => {})
  }
}

/** A server that is just starting, or restarting, is waited for. */
async function connectInTime(place: PostgresPlace): Promise<Client> {
  const deadline = performance.now() + place.connect_timeout
  for (;;) {
    try {
      return await connect(place)
    } catch (error) {
      const code = unavailable(error)?.code ?? ''
      if (!/^(ECONN|ENOENT|57P03)/.test(code) || performance.now() + AGAIN_MS > deadline) throw error
      await wait(AGAIN_MS)
    }
  }
}

async function safety(place: PostgresPlace, client: Client): Promise<string> {
  const { rows } = await client.query<Record<string, string | boolean>>(
    `select current_setting('server_version_num') as version, current_setting('fsync') as fsync,
       current_setting('full_page_writes') as pages, current_setting('server_encoding') as encoding,
       current_setting('synchronous_commit') as synchronous, current_setting('transaction_read_only') as frozen`,
  )
  const server = rows[0] ?? {}
  const refuse = (what: string) => {
    throw new DatabaseError(`${nameOfPlace(place)} ${what}`)
  }
  if (Number(server['version']) < OLDEST) refuse('is older than PostgreSQL 13; upgrade it')
  if (server['fsync'] !== 'on' || server['pages'] !== 'on')
    refuse('may lose what it acknowledged: set fsync and full_page_writes to on')
  if (server['encoding'] !== 'UTF8')
    refuse(`has the encoding ${server['encoding']}; make a database with encoding UTF8`)
  if (server['frozen'] !== 'off')
    refuse('takes no writes: it is a standby, or default_transaction_read_only is on')
  return server['synchronous'] === 'off' ? 'on' : String(server['synchronous'])
}

/** What each SQLSTATE or errno means to who configured the place. */
const ADVICE: Readonly<Record<string, string>> = {
  '28P01': 'check the user of store.url and store.password or store.password_file',
  '28000': 'check the user of store.url, and pg_hba.conf of the server',
  '3D000': 'make the database: createdb',
  '42501': 'the user needs CREATE on the database, or on the schema when that is there',
  '53300': 'raise max_connections of the server or lower store.pool_size',
  '57P03': 'the server is starting or stopping; try again',
  ECONNREFUSED: 'start the server, or correct host and port of store.url',
  ENOTFOUND: 'correct the host of store.url',
  ENOENT: 'start the server, or correct the folder of its socket',
}

function explained(place: PostgresPlace, error: unknown): DatabaseError {
  const reason = error instanceof Error ? error.message || error.name : String(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const advice = ADVICE[code]
  return new DatabaseError(
    `${nameOfPlace(place)} cannot be used: ${reason}${code && !reason.includes(code) ? ` (${code})` : ''}${advice ? `; ${advice}` : ''}`,
    { cause: error },
  )
}
