import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { weightsHash } from '@adf/federation/weights'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DurableStep } from './coordinator/steps.ts'
import { openSqliteStore } from './store/sqlite.ts'
import type { TestClient } from './testing/test-client.ts'
import { RUN, startServer } from './testing/test-server.ts'

const ROUNDS = 3
const program = fileURLToPath(new URL('./kill.test-process.ts', import.meta.url))
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
const faults = moves.flatMap((step) => (['before', 'after'] as const).map((place) => [place, step] as const))

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

type Fault = readonly [place: string, step: string]

/** A whole run on a server that ends at a step and is started again, to end at the next; clients try again until they are answered. */
async function train(at: readonly Fault[]): Promise<{ hash: string; kills: Fault[]; path: string }> {
  const path = join(folder, `${++runs}.db`)
  copyFileSync(beginning, path)
  const kills: Fault[] = []
  let stopping = false
  let url: string | undefined
  let child: ChildProcess
  const start = () => {
    const fault = at[kills.length]
    child = spawn(process.execPath, [program, path, ...(fault ?? [])], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    createInterface(child.stdout!).once('line', (line) => {
      url = line
    })
    child.once('exit', (_, signal) => {
      if (stopping) return
      if (signal === 'SIGKILL' && fault !== undefined) kills.push(fault)
      url = undefined
      start()
    })
  }
  start()
  const own = clients.map((client) => client.copy())
  await Promise.all(
    own.map(async (client) => {
      while (client.version < ROUNDS) {
        if (url === undefined) await sleep(20)
        else {
          client.url = url
          // The connection was cut: a server that is there again knows what it has acknowledged.
          await client.takePartUntil(RUN, ROUNDS).catch(() => sleep(20))
        }
      }
    }),
  )
  stopping = true
  const ended = once(child!, 'exit')
  child!.kill('SIGTERM')
  await ended
  expect(new Set(own.map(({ weights }) => weightsHash(weights))).size).toBe(1)
  return { hash: weightsHash(own[0]!.weights), kills, path }
}
