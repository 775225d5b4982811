import { readFileSync } from 'node:fs'
import { AuditPage, Client, FederationStatus, RoundPage } from '@adf/contract/federation'
import { firstWeights } from '@adf/federation'
import { weightsHash, weightsOf } from '@adf/federation/weights'
import { afterEach, expect, it } from 'vitest'
import { openSqliteStore } from './store/sqlite.ts'
import { type MaskingSite, masked, maskingSites, plainlyAveraged } from './testing/masking-site.ts'
import { RUN, startServer, type TestServer } from './testing/test-server.ts'

const servers: TestServer[] = []
const sites: MaskingSite[] = []
afterEach(async () => {
  for (const site of sites.splice(0)) await site.stop()
  for (const server of servers.splice(0).toReversed()) await server.stop()
})

async function start(options: {
  rounds?: number
  masking?: object
  federated?: object
  coordinator?: object
  clock?: () => number
}): Promise<TestServer> {
  const server = await startServer({
    ...(options.clock && { server: { clock: options.clock } }),
    config: { lease: '300ms', clients: { requests_per_second: 10_000, burst: 10_000 } },
    coordinator: {
      num_rounds: options.rounds ?? 1,
      min_clients_per_round: 3,
      gather: '300ms',
      ...options.coordinator,
    },
    federated: { ...masked(options.masking), ...options.federated },
  })
  servers.push(server)
  return server
}

async function enrolled(server: TestServer, count: number): Promise<MaskingSite[]> {
  const found = await server.whileHeldBack(async () => {
    const all = await maskingSites(server, count)
    await Promise.all(all.map(({ client }) => client.poll({ streams: ['service'] })))
    return all
  })
  sites.push(...found)
  return found
}

const rounds = async (server: TestServer) =>
  RoundPage.parse(await server.get(`/api/runs/${RUN}/rounds?limit=500`)).items.toReversed()

/** What aggregation made, before it was quantised for clients. */
async function aggregated({ path }: TestServer): Promise<Float32Array> {
  const store = await openSqliteStore({ path })
  try {
    const memory = await store.runs.memory(RUN)
    return weightsOf(memory!.weights, memory!.weights.length / 4)
  } finally {
    await store.close()
  }
}

/** A clock that a test moves on: who is silent has dropped out then. */
class MovedClock {
  aheadMs = 0
  readonly now = () => Date.now() + this.aheadMs
}

const messages = async (server: TestServer, step: string) => {
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  const line = metrics
    .split('\n')
    .find((each) => each.includes(`_secure_messages_total{run="${RUN}",step="${step}"}`))
  return Number(line?.split(' ')[1] ?? 0)
}

async function until(good: () => Promise<boolean>): Promise<void> {
  while (!(await good())) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** Bodies of messages that are still kept. */
async function bodies({ path }: TestServer): Promise<number> {
  const store = await openSqliteStore({ path })
  try {
    const steps = ['keys', 'shares', 'input', 'confirmation', 'answer'] as const
    const found = await Promise.all(steps.map((step) => store.secure.messages(RUN, 1, step)))
    return found.flat().length
  } finally {
    await store.close()
  }
}

/** n / (2 · s · W), in units of the weights, and what float32 leaves of a weight. */
function largestError(members: readonly MaskingSite[], clients: number, clip: number, sampleCap: number) {
  const scale = Math.floor((2 ** 31 - 1) / clients) / (clip * sampleCap)
  const weight = members.reduce((sum, { samples }) => sum + samples, 0)
  return members.length / (2 * scale * weight) + 2 ** -24
}

it('five clients get the weighted mean of their updates over HTTP, and the server has no single one', async () => {
  const server = await start({ rounds: 2 })
  const five = await enrolled(server, 5)
  await Promise.all(five.map((site) => site.takePartUntil(1)))
  const afterFirst = await aggregated(server)
  await Promise.all(five.map((site) => site.takePartUntil(2)))
  expect(five.map(({ outcomes }) => outcomes)).toEqual(
    Array(5).fill([
      { kind: 'counted', clipped: 0 },
      { kind: 'counted', clipped: 0 },
    ]),
  )
  const hashes = await Promise.all(
    five.map(async ({ client }) => weightsHash((await client.held(RUN))!.weights)),
  )
  expect(new Set(hashes).size).toBe(1)
  expect(await rounds(server)).toMatchObject(
    [1, 2].map((n) => ({
      round: n,
      state: 'COMMITTED',
      selected: 5,
      received: 5,
      used: 5,
      left_out: {},
      loss: null,
    })),
  )
  const made = await aggregated(server)
  const expected = plainlyAveraged(afterFirst, five, 2)
  const limit = largestError(five, 5, 1, 100_000)
  expect(Math.max(...expected.map((value, i) => Math.abs(value - made[i]!)))).toBeLessThan(limit)
  const status = FederationStatus.parse(await server.get('/api/status'))
  expect(status.runs).toMatchObject([{ secure_aggregation: true, aggregator: 'staleness+fed_avg' }])
  const id = await five[0]!.client.clientId()
  expect(Client.parse(await server.get(`/api/clients/${id}`)).updates).toMatchObject({
    received: 2,
    aggregated: 2,
  })
  const committed = AuditPage.parse(await server.get('/api/audit?limit=500')).items.filter(
    ({ action }) => action === 'round.committed',
  )
  expect(committed[0]!.detail).toMatchObject({ secure_aggregation: true, used: 5, samples: 150 })
  expect(await server.get('/api/audit/verification')).toMatchObject({ sound: true })
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  expect(metrics).toContain(`adf_fl_secure_messages_total{run="${RUN}",step="input"} 10`)
  // Neither as floats nor as terms of the ring: not one value of an update is in any file of the database.
  const file = ['', '-wal'].map((suffix) => readFileSync(`${server.path}${suffix}`))
  for (const site of five)
    for (const round of [1, 2]) {
      const values = site.update(round, made.length)
      expect(file.some((bytes) => bytes.includes(Buffer.from(values.buffer, 0, 16)))).toBe(false)
    }
}, 120_000)

it.each([
  { phase: 'sharing', silentAt: 'shares', used: 4 },
  { phase: 'masking', silentAt: 'input', used: 4 },
  { phase: 'confirming', silentAt: 'confirmation', used: 5 },
  { phase: 'unmasking', silentAt: undefined, used: 5 },
] as const)(
  'goes on without a client that falls silent when it is $phase',
  async ({ phase, silentAt, used }) => {
    const clock = new MovedClock()
    const server = await start({ clock: clock.now })
    const five = await enrolled(server, 5)
    const silent = five[1]!
    silent.leaves = (_, reached) => reached === phase
    const others = five.filter((site) => site !== silent)
    const playing = Promise.all(others.map((site) => site.takePartUntil(1)))
    const left = silent.takePartUntil(1, 0)
    if (silentAt !== undefined) {
      await until(async () => (await messages(server, silentAt)) === 4)
      clock.aheadMs += 31_000
    }
    await playing
    await left
    expect(silent.outcomes).toEqual([])
    expect(others.map(({ outcomes }) => outcomes[0]?.kind)).toEqual(Array(4).fill('counted'))
    const counted = used === 5 ? five : others
    expect(await rounds(server)).toMatchObject([
      { state: 'COMMITTED', received: used, used, left_out: used === 5 ? {} : { dropped_out: 1 } },
    ])
    const made = await aggregated(server)
    const { model } = (await others[0]!.client.held(RUN))!
    const expected = plainlyAveraged(firstWeights(model), counted, 1)
    const limit = largestError(counted, 5, 1, 100_000)
    expect(Math.max(...expected.map((value, i) => Math.abs(value - made[i]!)))).toBeLessThan(limit)
    expect(await bodies(server)).toBe(0)
  },
  120_000,
)

it('goes on at the deadline without a client that does not begin', async () => {
  const clock = new MovedClock()
  const server = await start({ clock: clock.now })
  const four = await enrolled(server, 4)
  const silent = four[3]!
  silent.leaves = (_, reached) => reached === 'advertising'
  const playing = Promise.all(four.map((site) => site.takePartUntil(1)))
  await until(async () => (await messages(server, 'keys')) === 3)
  clock.aheadMs += 61_000
  await playing
  expect(await rounds(server)).toMatchObject([{ state: 'COMMITTED', selected: 4, received: 3, used: 3 }])
}, 120_000)

it('is abandoned with the reason when more fall silent than may, keeps nothing of it, and the next round goes well', async () => {
  const clock = new MovedClock()
  const server = await start({ clock: clock.now })
  const five = await enrolled(server, 5)
  for (const site of five.slice(0, 3)) site.leaves = (round, phase) => round === 1 && phase === 'masking'
  const playing = Promise.all(five.map((site) => site.takePartUntil(1)))
  await until(async () => (await messages(server, 'input')) === 2)
  clock.aheadMs += 31_000
  await playing
  const reason = 'masking: masked updates of 2 clients came before the deadline, not of 3'
  expect(await rounds(server)).toMatchObject([
    { state: 'ABANDONED', reason, version: null },
    { state: 'COMMITTED', used: 5 },
  ])
  expect(five[4]!.outcomes).toEqual([
    { kind: 'abandoned', reason },
    { kind: 'counted', clipped: 0 },
  ])
  expect(await bodies(server)).toBe(0)
}, 120_000)

it('a client that was started again half way has dropped out, with its memory or without', async () => {
  const clock = new MovedClock()
  const server = await start({ clock: clock.now })
  const four = await enrolled(server, 4)
  const again = four[0]!
  again.leaves = (_, phase) => phase === 'sharing'
  const playing = Promise.all(four.slice(1).map((site) => site.takePartUntil(1)))
  const work = (await again.client.poll({ streams: ['service'], waitSeconds: 20 })).runs[0]!
  await again.client.fetchGlobal(work)
  const round = work.round ?? (await asked(again))
  await again.takePart(round.round)
  again.leaves = () => false
  await expect(again.takePart(round.round)).rejects.toMatchObject({ code: 'begun_before' })
  await until(async () => (await messages(server, 'shares')) === 3)
  // Nothing is told to it that it could begin.
  expect((await again.client.poll({ streams: ['service'] })).runs[0]!.round).toBeNull()
  clock.aheadMs += 31_000
  await playing
  expect(await rounds(server)).toMatchObject([{ state: 'COMMITTED', used: 3 }])
}, 120_000)

/** Polls until a round asks. */
async function asked({ client }: MaskingSite) {
  for (;;) {
    const { round } = (await client.poll({ streams: ['service'], waitSeconds: 5 })).runs[0]!
    if (round !== null) return round
  }
}

it('a client whose masked update is stored and that is revoked then ends the round: it cannot be taken out', async () => {
  const server = await start({})
  const four = await enrolled(server, 4)
  for (const site of four) site.leaves = (_, phase) => phase === 'confirming'
  const playing = Promise.all(four.map((site) => site.takePartUntil(1, 1).catch(() => {})))
  await until(async () => (await messages(server, 'input')) === 4)
  await server.post(`/api/clients/${await four[0]!.client.clientId()}/revoke`)
  await until(async () => (await rounds(server))[0]?.state === 'ABANDONED')
  expect((await rounds(server))[0]!.reason).toContain('was revoked')
  for (const site of four) site.leaves = () => false
  await playing
  expect((await rounds(server))[1]).toMatchObject({ state: 'COMMITTED', used: 3 })
}, 120_000)

it('noise of the clients goes with it: updates count alike, and what it cost is shown', async () => {
  const privacy = { clip_norm: 0.5, noise_multiplier: 1 }
  const server = await start({ federated: { privacy } })
  const three = await enrolled(server, 3)
  await Promise.all(three.map((site) => site.takePartUntil(1)))
  const status = FederationStatus.parse(await server.get('/api/status'))
  expect(status.runs[0]!.privacy!.epsilon).toBeGreaterThan(1)
  const committed = AuditPage.parse(await server.get('/api/audit?limit=500')).items.find(
    ({ action }) => action === 'round.committed',
  )
  // Of each client one sample, whatever it says.
  expect(committed!.detail).toMatchObject({ samples: 3 })
}, 120_000)

it('goes through a server that does not drive the rounds as well, and is driven on by it when the other ends', async () => {
  const first = await start({ rounds: 2 })
  const [near, ...others] = await enrolled(first, 3)
  const second = await startServer({
    path: first.path,
    coordinator: { num_rounds: 2, min_clients_per_round: 3, gather: '300ms' },
    federated: masked(),
    config: { lease: '300ms', clients: { requests_per_second: 10_000, burst: 10_000 } },
  })
  servers.push(second)
  const far = others.map((site) => site.at(second.url))
  sites.push(...far)
  await Promise.all([near!, ...far].map((site) => site.takePartUntil(1)))
  await first.server.stop()
  const all = [near!.at(second.url), ...far]
  sites.push(all[0]!)
  await Promise.all(all.map((site) => site.takePartUntil(2)))
  expect(await rounds(second)).toMatchObject([1, 2].map((round) => ({ round, state: 'COMMITTED', used: 3 })))
}, 120_000)
