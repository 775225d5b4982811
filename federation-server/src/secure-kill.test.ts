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
import { type MaskingSite, maskingSites } from './testing/masking-site.ts'
import { RUN, startServer } from './testing/test-server.ts'

const ROUNDS = 2
const program = fileURLToPath(new URL('./secure-kill.test-process.ts', import.meta.url))
let folder = ''
let beginning = ''
let undisturbed = ''
let sites: MaskingSite[] = []
let runs = 0
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'adf-secure-kill-'))
  beginning = join(folder, 'beginning.db')
  const server = await startServer({ path: beginning })
  sites = await maskingSites(server, 3)
  await server.stop()
  undisturbed = (await train([])).hash
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true }))

/** In the order of a round, but for those of all rounds, which another test goes through. */
const steps: DurableStep[] = [
  ...(['keys_receipt', 'share', 'shares_receipt', 'mask', 'input_receipt', 'confirm'] as const),
  ...(['confirmation_receipt', 'unmask', 'answer_receipt', 'close', 'validate', 'aggregate'] as const),
]
const faults = steps.flatMap((step) => (['before', 'after'] as const).map((place) => [place, step] as const))

it('killed before and after every durable step of secure aggregation it goes on to the same bits, in the same round', async () => {
  const { hash, kills, path } = await train(faults)
  expect(kills).toEqual(faults)
  expect(hash).toBe(undisturbed)
  const store = await openSqliteStore({ path })
  try {
    expect(await store.audit.verify()).toMatchObject({ sound: true })
    const { items } = await store.rounds.page(RUN, { limit: 500 })
    expect(items.map(({ state, used }) => [state, used])).toEqual(Array(ROUNDS).fill(['COMMITTED', 3]))
  } finally {
    await store.close()
  }
}, 500_000)

type Fault = readonly [place: string, step: string]

/** A whole run on a server that ends at a step and is started again at the same place, to end at the next. */
async function train(at: readonly Fault[]): Promise<{ hash: string; kills: Fault[]; path: string }> {
  const path = join(folder, `${++runs}.db`)
  copyFileSync(beginning, path)
  const kills: Fault[] = []
  let stopping = false
  let port = 0
  const { promise: listening, resolve } = Promise.withResolvers<string>()
  let child: ChildProcess
  const start = () => {
    const fault = at[kills.length]
    child = spawn(process.execPath, [program, path, String(port), ...(fault ?? [])], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    createInterface(child.stdout!).once('line', (line) => {
      port = Number(new URL(line).port)
      resolve(line)
    })
    child.once('exit', (_, signal) => {
      if (stopping) return
      if (signal === 'SIGKILL' && fault !== undefined) kills.push(fault)
      start()
    })
  }
  start()
  const url = await listening
  const own = await Promise.all(sites.map((site) => site.anew(url)))
  // A poll that the server did not outlive is asked again; a round that was begun is played by the client itself.
  const playing = own.map(async (site) => {
    while (((await site.client.held(RUN))?.version ?? 0) < ROUNDS)
      await site.takePartUntil(ROUNDS).catch(() => sleep(50))
  })
  await Promise.all(playing)
  const hashes = await Promise.all(
    own.map(async ({ client }) => weightsHash((await client.held(RUN))!.weights)),
  )
  for (const site of own) await site.stop()
  stopping = true
  const ended = once(child!, 'exit')
  child!.kill('SIGTERM')
  await ended
  expect(new Set(hashes).size).toBe(1)
  return { hash: hashes[0]!, kills, path }
}
