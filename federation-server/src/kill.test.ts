import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { weightsHash } from '@adf/federation/weights'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DurableStep } from './coordinator/steps.ts'
import { openSqliteStore } from './store/sqlite.ts'
import { aroundEach, type Fault, startMortalServer } from './testing/mortal-server.ts'
import type { TestClient } from './testing/test-client.ts'
import { RUN, startServer } from './testing/test-server.ts'

const ROUNDS = 3
let folder = ''
/** Clients are enrolled and nothing else has happened: where all runs begin, with the same ids and the same secret. */
let beginning = ''
let undisturbed = ''
let clients: TestClient[] = []
let runs = 0
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'adf-kill-'))
  beginning = join(folder, 'beginning.db')
  const server = await startServer({ path: beginning })
  clients = await Promise.all([1, 2, 3].map((n) => server.client(n)))
  await server.stop()
  undisturbed = (await train([])).hash
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true }))

/** In the order of a round: each time it is started again the server comes as far as the next one. */
const moves: DurableStep[] = [
  ...(['open', 'select', 'configure', 'collect'] as const),
  ...(['receipt', 'close', 'validate', 'aggregate'] as const),
]
const faults = aroundEach(moves)

it('killed before and after every durable step it goes on to the same bits, nothing lost and nothing counted twice', async () => {
  const { hash, kills, path } = await train(faults)
  expect(kills).toEqual(faults)
  expect(hash).toBe(undisturbed)
  const store = await openSqliteStore({ path })
  try {
    expect(await store.audit.verify()).toMatchObject({ sound: true })
    const { items } = await store.updates.page({ limit: 500 })
    expect(items.map(({ state }) => state)).toEqual(Array(3 * ROUNDS).fill('aggregated'))
    const rounds = await store.rounds.page(RUN, { limit: 500 })
    expect(rounds.items.map(({ state, used }) => [state, used])).toEqual(Array(ROUNDS).fill(['COMMITTED', 3]))
  } finally {
    await store.close()
  }
}, 300_000)

/** A whole run on a server that ends at a step and is started again, to end at the next; clients try again until they are answered. */
async function train(at: readonly Fault[]): Promise<{ hash: string; kills: readonly Fault[]; path: string }> {
  const path = join(folder, `${++runs}.db`)
  copyFileSync(beginning, path)
  const server = await startMortalServer({
    path,
    coordinator: { min_clients_per_round: 3, num_rounds: ROUNDS },
    faults: at,
  })
  const own = clients.map((client) => client.copy())
  await Promise.all(
    own.map(async (client) => {
      client.url = server.url
      // The connection was cut, or is not there yet: a server that is there again knows what it has acknowledged.
      while (client.version < ROUNDS) await client.takePartUntil(RUN, ROUNDS).catch(() => sleep(20))
    }),
  )
  await server.stop()
  expect(new Set(own.map(({ weights }) => weightsHash(weights))).size).toBe(1)
  return { hash: weightsHash(own[0]!.weights), kills: server.kills, path }
}
