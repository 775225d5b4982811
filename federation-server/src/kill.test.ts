import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DurableStep } from './coordinator/steps.ts'
import { weightsHash } from './round/release.ts'
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
  undisturbed = (await train('', '', 0)).hash
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true }))

const steps: [DurableStep, number][] = [
  ['open', 2],
  ['select', 2],
  ['configure', 2],
  ['collect', 2],
  ['receipt', 5],
  ['close', 2],
  ['validate', 2],
  ['aggregate', 2],
]

it.each(
  steps.flatMap(([step, n]) => (['before', 'after'] as const).map((place) => [place, step, n] as const)),
)(
  'killed %s %s, it goes on to the same bits, nothing lost and nothing counted twice',
  async (place, step, n) => {
    const { hash, kills, path } = await train(place, step, n)
    expect(kills).toBe(1)
    expect(hash).toBe(undisturbed)
    const store = await openSqliteStore({ path })
    try {
      expect(await store.audit.verify()).toMatchObject({ sound: true })
      const { items } = await store.updates.page({ limit: 500 })
      expect(items.map(({ state }) => state)).toEqual(Array(3 * ROUNDS).fill('aggregated'))
      const rounds = await store.rounds.page(RUN, { limit: 500 })
      expect(rounds.items.map(({ state, used }) => [state, used])).toEqual(
        Array(ROUNDS).fill(['COMMITTED', 3]),
      )
    } finally {
      await store.close()
    }
  },
  60_000,
)

/** A whole run on a server that ends at a step and is started again; clients try again until they are answered. */
async function train(
  place: string,
  step: string,
  n: number,
): Promise<{ hash: string; kills: number; path: string }> {
  const path = join(folder, `${++runs}.db`)
  copyFileSync(beginning, path)
  let kills = 0
  let stopping = false
  let url = Promise.withResolvers<string>()
  let child: ChildProcess
  const start = (...fault: string[]) => {
    child = spawn(process.execPath, [program, path, ...fault], { stdio: ['ignore', 'pipe', 'inherit'] })
    createInterface(child.stdout!).once('line', (line) => url.resolve(line))
    child.once('exit', (_, signal) => {
      if (stopping) return
      if (signal === 'SIGKILL') kills++
      url = Promise.withResolvers()
      start()
    })
  }
  start(place, step, String(n))
  const own = clients.map((client) => client.copy())
  await Promise.all(
    own.map(async (client) => {
      while (client.version < ROUNDS) {
        client.url = await url.promise
        // The connection was cut: a server that is there again knows what it has acknowledged.
        await client.takePartUntil(RUN, ROUNDS).catch(() => new Promise((resolve) => setTimeout(resolve, 50)))
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
