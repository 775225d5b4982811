import { hostname } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import type { Client } from 'pg'
import type { Claim } from '../claim.ts'
import { DatabaseError } from '../error.ts'
import { nameOfPlace, type PostgresPlace } from '../place.ts'
import type { Writer } from './dialect.ts'
import { connect } from './open.ts'

/** A process that has just ended is not yet forgotten by the server. */
const WAIT_MS = 3000
const AGAIN_MS = 200

const lockOf = (role: string) => `hashtextextended(current_schema() || '/${role}', 0)`

/**
 * Claims a role in a PostgreSQL schema for this process. The claim is a session's advisory lock, which the server frees when
 * the process or its host is gone (tcp_keepalives of the session: 25 s), and a row that every later transaction of the
 * writer looks at: when the lock's session was lost and another process took the role over, the writer can write no more.
 * When nobody did, the lock is taken again.
 */
export async function claimRole({
  place,
  writer,
  role,
  lostClaim,
}: {
  place: PostgresPlace
  writer: Writer
  role: string
  lostClaim: () => void
}): Promise<Claim> {
  const client = await acquire(place, role)
  await client.query(
    `insert into adf_claims (role, holder, name, since) values ($1, $2, $3, now())
     on conflict (role) do update set holder = excluded.holder, name = excluded.name, since = excluded.since`,
    [role, writer.id, `pid ${process.pid} on ${hostname()}`],
  )
  writer.role = role
  const holding = new Holding({ client, place, writer, role, lostClaim })
  let released: Promise<void> | undefined
  return { release: () => (released ??= holding.release()) }
}

async function acquire(place: PostgresPlace, role: string): Promise<Client> {
  const client = await connect(place)
  try {
    for (const deadline = performance.now() + WAIT_MS; ; await wait(AGAIN_MS)) {
      // In the turn of a writer: who held the role before is in no transaction then.
      await client.query('begin; select pg_advisory_xact_lock(hashtextextended(current_schema(), 0))')
      const { rows } = await client.query<{ taken: boolean }>(
        `select pg_try_advisory_lock(${lockOf(role)}) as taken`,
      )
      await client.query('commit')
      if (rows[0]?.taken === true) return client
      if (performance.now() > deadline) throw await inUse(place, role, client)
    }
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}

async function inUse(place: PostgresPlace, role: string, client: Client): Promise<DatabaseError> {
  const { rows } = await client.query<{ name: string }>('select name from adf_claims where role = $1', [role])
  const name = rows[0]?.name ?? 'whose pid is not known'
  return new DatabaseError(
    `${nameOfPlace(place)} is in use by another adf, ${name}; stop that one, or give this one its own store.schema`,
  )
}

/** Keeps the lock, and takes it again when its session is lost. */
class Holding {
  readonly #parts: { place: PostgresPlace; writer: Writer; role: string; lostClaim: () => void }
  #client: Client | undefined
  #released = false
  #again: Promise<void> | undefined

  constructor(parts: {
    client: Client
    place: PostgresPlace
    writer: Writer
    role: string
    lostClaim: () => void
  }) {
    this.#parts = parts
    this.#watch(parts.client)
  }

  async release(): Promise<void> {
    this.#released = true
    await this.#again
    await this.#client?.end().catch(() => {})
  }

  #watch(client: Client): void {
    this.#client = client
    client.once('end', () => {
      this.#client = undefined
      if (!this.#released) this.#again = this.#takeAgain()
    })
  }

  async #takeAgain(): Promise<void> {
    const { place, writer, role, lostClaim } = this.#parts
    for (; !this.#released; await wait(AGAIN_MS * 5)) {
      const client = await connect(place).catch(() => undefined)
      if (client === undefined) continue
      try {
        const { rows } = await client.query<{ holder: string; taken: boolean }>(
          `select holder, pg_try_advisory_lock(${lockOf(role)}) as taken from adf_claims where role = $1`,
          [role],
        )
        if (rows[0]?.holder !== writer.id) {
          await client.end().catch(() => {})
          return lostClaim()
        }
        if (rows[0].taken) return this.#watch(client)
      } catch {
        // Lost again; so is the lock.
      }
      await client.end().catch(() => {})
    }
  }
}
