import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { weightsHash } from '@adf/federation/weights'
import { copyDatabase, type OpenDatabase, openPlace } from '@adf/service'
import { placeIn } from '@adf/service/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Steps } from './coordinator/steps.ts'
import { migrations } from './store/migrations/index.ts'
import { openStore } from './store/open.ts'
import type { TestClient } from './testing/test-client.ts'
import { RUN, startServer } from './testing/test-server.ts'

const ROUNDS = 3
const server = inject('postgres')

describe.skipIf(server === undefined)('a federation server on PostgreSQL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'adf-kill-postgres-'))
  /** Clients are enrolled and nothing else has happened. */
  const beginning = join(folder, 'beginning.db')
  let clients: TestClient[] = []
  let operator: OpenDatabase
  const placeOf = (schema: string) => placeIn(server, { schema, pool_size: 5, connect_timeout: 30_000 })
  beforeAll(async () => {
    const first = await startServer({ path: beginning })
    clients = await Promise.all([1, 2, 3].map((n) => first.client(n)))
    await first.stop()
    operator = await openPlace(placeOf('operator'))
  }, 200_000)
  afterAll(async () => {
    await operator?.destroy()
    rmSync(folder, { recursive: true })
  })

  /** A whole run from the same beginning; clients try again until they are answered. */
  async function train(store: object, steps?: Steps): Promise<string> {
    const running = await startServer({
      coordinator: { min_clients_per_round: 3, num_rounds: ROUNDS },
      config: { store },
      ...(steps && { server: { steps } }),
    })
    const own = clients.map((client) => client.copy())
    await Promise.all(
      own.map(async (client) => {
        client.url = running.url
        while (client.version < ROUNDS) await client.takePartUntil(RUN, ROUNDS).catch(() => sleep(20))
      }),
    )
    await running.stop()
    expect(new Set(own.map(({ weights }) => weightsHash(weights))).size).toBe(1)
    return weightsHash(own[0]!.weights)
  }

  async function moved(schema: string) {
    const [source, target] = [
      await openPlace<unknown>({ path: beginning }),
      await openPlace<unknown>(placeOf(schema)),
    ]
    await copyDatabase({ source, target, names: { source: 'the file', target: schema }, migrations })
    await source.destroy()
    await target.destroy()
  }

  it('whose sessions end around every durable step goes on to the bits of an undisturbed one on SQLite', async () => {
    await moved('undisturbed')
    await moved('disturbed')
    const { url, password } = placeOf('')
    const undisturbed = await train({ url, password, schema: 'undisturbed' })
    expect(await train({ path: beginning })).toBe(undisturbed)

    let ended = 0
    const times = new Map<string, number>()
    // So often at each: a step that has to be taken again would be disturbed for ever otherwise.
    const endAt = (place: string) => (step: string) => {
      const at = `${place} ${step}`
      const before = times.get(at) ?? 0
      if (before >= ROUNDS) return
      times.set(at, before + 1)
      sql<{ n: number }>`select count(pg_terminate_backend(pid)) as n from pg_stat_activity
        where application_name = 'adf' and pid <> pg_backend_pid()`
        .execute(operator)
        .then(
          ({ rows }) => {
            ended += rows[0]?.n ?? 0
          },
          () => {},
        )
    }
    const steps = { before: endAt('before'), after: endAt('after') }
    expect(await train({ url, password, schema: 'disturbed' }, steps)).toBe(undisturbed)
    expect(times.size).toBe(16)
    expect(ended).toBeGreaterThan(20)

    const store = await openStore({ place: placeOf('disturbed') })
    expect(await store.audit.verify()).toMatchObject({ sound: true })
    const { items } = await store.updates.page({ limit: 500 })
    expect(items.map(({ state }) => state)).toEqual(Array(3 * ROUNDS).fill('aggregated'))
    const rounds = await store.rounds.page(RUN, { limit: 500 })
    expect(rounds.items.map(({ state, used }) => [state, used])).toEqual(Array(ROUNDS).fill(['COMMITTED', 3]))
    await store.close()
  }, 300_000)
})
