import { setTimeout as wait } from 'node:timers/promises'
import type { Client } from 'pg'
import { DatabaseError } from '../error.ts'
import { nameOfPlace, type PostgresPlace } from '../place.ts'
import { connect } from './open.ts'

/** A process that has just ended is not yet forgotten by the server. */
const WAIT_MS = 3000
const AGAIN_MS = 200

/** `one`: of one session. `together`: of any number that want it so, and none of the other kind. */
export type Kind = 'one' | 'together'

const TAKE: Readonly<Record<Kind, string>> = {
  one: 'pg_try_advisory_lock',
  together: 'pg_try_advisory_lock_shared',
}
const keyOf = (role: string) => `hashtextextended(current_schema() || '/${role}', 0)`

/** The expression that takes the lock of a role for a session if it is free, and says whether it did. */
export const taking = (role: string, kind: Kind): string => `${TAKE[kind]}(${keyOf(role)})`

/** Takes the lock of a role by a connection of its own. Rejects with a DatabaseError that names who has it. */
export async function takeLock(place: PostgresPlace, role: string, kind: Kind): Promise<Client> {
  const client = await connect(place)
  try {
    for (const deadline = performance.now() + WAIT_MS; ; await wait(AGAIN_MS)) {
      // In the turn of a writer: who held the role before is in no transaction then.
      await client.query('begin; select pg_advisory_xact_lock(hashtextextended(current_schema(), 0))')
      const { rows } = await client.query<{ taken: boolean }>(`select ${taking(role, kind)} as taken`)
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
  const { rows } = await client.query<{ together: boolean; address: string }>(
    `select mode = 'ShareLock' as together, coalesce(host(client_addr), 'this host') as address
     from pg_locks join pg_stat_activity using (pid)
     where locktype = 'advisory' and granted and objsubid = 1
       and database = (select oid from pg_database where datname = current_database())
       and (classid::bigint << 32) | objid::bigint = ${keyOf(role)}`,
  )
  const together = rows.filter((row) => row.together).map(({ address }) => address)
  const who =
    together.length > 0 ? `connected from ${together.toSorted().join(', ')}` : await nameOf(role, client)
  return new DatabaseError(
    `${nameOfPlace(place)} is in use by another adf, ${who}; stop that one, or give this one its own store.schema`,
  )
}

async function nameOf(role: string, client: Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>('select name from adf_claims where role = $1', [role])
  return rows[0]?.name ?? 'whose pid is not known'
}

/** Keeps a lock, and takes it again when its session is lost. */
export class HeldLock {
  readonly #place: PostgresPlace
  readonly #again: (client: Client) => Promise<'held' | 'later' | 'over'>
  #client: Client | undefined
  #released: Promise<void> | undefined
  #taking: Promise<void> | undefined

  /** @param again asks for the lock by a new session; `over`: it is not to be asked for any more */
  constructor({
    place,
    client,
    again,
  }: {
    place: PostgresPlace
    client: Client
    again: (client: Client) => Promise<'held' | 'later' | 'over'>
  }) {
    this.#place = place
    this.#again = again
    this.#watch(client)
  }

  /** Gives the lock back; again is without effect. */
  release(): Promise<void> {
    this.#released ??= this.#giveBack()
    return this.#released
  }

  async #giveBack(): Promise<void> {
    await this.#taking
    await this.#client?.end().catch(() => {})
  }

  #watch(client: Client): void {
    this.#client = client
    client.once('end', () => {
      this.#client = undefined
      if (this.#released === undefined) this.#taking = this.#takeAgain()
    })
  }

  async #takeAgain(): Promise<void> {
    for (; this.#released === undefined; await wait(AGAIN_MS * 5)) {
      const client = await connect(this.#place).catch(() => undefined)
      if (client === undefined) continue
      // Lost again; so is the lock.
      const now = await this.#again(client).catch(() => 'later' as const)
      if (now === 'held') return this.#watch(client)
      await client.end().catch(() => {})
      if (now === 'over') return
    }
  }
}
