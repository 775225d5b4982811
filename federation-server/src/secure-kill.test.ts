import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { weightsHash } from '@adf/federation/weights'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DurableStep } from './coordinator/steps.ts'
import { openSqliteStore } from './store/sqlite.ts'
import { type MaskingSite, masked, maskingSites } from './testing/masking-site.ts'
import { aroundEach, type Fault, startMortalServer } from './testing/mortal-server.ts'
import { RUN, startServer } from './testing/test-server.ts'

const ROUNDS = 2
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
const faults = aroundEach(steps)

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

/** A whole run on a server that ends at a step and is started again at the same place, to end at the next. */
async function train(at: readonly Fault[]): Promise<{ hash: string; kills: readonly Fault[]; path: string }> {
  const path = join(folder, `${++runs}.db`)
  copyFileSync(beginning, path)
  const server = await startMortalServer({
    path,
    coordinator: { min_clients_per_round: 3, num_rounds: ROUNDS, round_deadline: '10m' },
    federated: masked({ phase_deadline: '10m' }),
    faults: at,
  })
  const own = await Promise.all(sites.map((site) => site.anew(server.url)))
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
  await server.stop()
  expect(new Set(hashes).size).toBe(1)
  return { hash: hashes[0]!, kills: server.kills, path }
}
