import { hostname } from 'node:os'
import type { PostgresPlace } from '../place.ts'
import type { Writer } from './dialect.ts'
import { HeldLock, takeLock, taking } from './held-lock.ts'

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
}): Promise<HeldLock> {
  const client = await takeLock(place, role, 'one')
  await client.query(
    `insert into adf_claims (role, holder, name, since) values ($1, $2, $3, now())
     on conflict (role) do update set holder = excluded.holder, name = excluded.name, since = excluded.since`,
    [role, writer.id, `pid ${process.pid} on ${hostname()}`],
  )
  writer.role = role
  return new HeldLock({
    place,
    client,
    async again(session) {
      const { rows } = await session.query<{ holder: string; taken: boolean }>(
        `select holder, ${taking(role, 'one')} as taken from adf_claims where role = $1`,
        [role],
      )
      if (rows[0]?.holder === writer.id) return rows[0].taken ? 'held' : 'later'
      lostClaim()
      return 'over'
    },
  })
}

/**
 * Takes part in a role of a PostgreSQL schema: any number of processes do, while none has claimed it. Unlike a claim it fences nobody:
 * who was cut off goes on writing, and takes part again as soon as it can.
 */
export async function shareRole({ place, role }: { place: PostgresPlace; role: string }): Promise<HeldLock> {
  return new HeldLock({
    place,
    client: await takeLock(place, role, 'together'),
    async again(session) {
      const { rows } = await session.query<{ taken: boolean }>(`select ${taking(role, 'together')} as taken`)
      return rows[0]?.taken === true ? 'held' : 'later'
    },
  })
}
