import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FederatedModel } from '@adf/contract/federation'
import { weightLayers } from '@adf/detectors'
import { TestServer } from '@adf/federation/testing'
import type { Component, Logger } from '@adf/service'
import { createLogger, StartFault } from '@adf/service'
import { Registry } from 'prom-client'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import {
  createFederation,
  type Federation,
  type FederationConfig,
  type FederationOptions,
} from './federation.ts'
import { features, gathered, inlineTrainer, network, run, TestNetwork, trainedOn } from './site.test-data.ts'
import type { RoundTrainer } from './trainer.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })
const model: FederatedModel = {
  stream: 'service',
  features: features.map(({ name }) => name),
  network: { ...network, kind: 'autoencoder', hidden: [3, 2, 3] },
  seed: 1,
}
const root = mkdtempSync(join(tmpdir(), 'adf-site-'))
afterAll(() => rmSync(root, { recursive: true }))

/** Trained on two sites' data, and on nothing like them. */
let good: Float32Array
let bad: Float32Array
beforeAll(async () => {
  good = await trainedOn({ training: [run(1, 0), run(2, 1), run(3, 2)], heldOut: [] })
  bad = good.map((value, i) => (i % 2 === 0 ? -value : value + 1))
})

let server: TestServer
let url: string
const components: Component[] = []
beforeEach(async () => {
  server = new TestServer(model)
  url = await server.start()
})
afterEach(async () => {
  for (const component of components.splice(0)) await component.stop()
  await server.stop()
})

interface Site {
  readonly component: Federation
  readonly network: TestNetwork
  readonly lines: string[]
  metric(name: string): Promise<number | undefined>
}

/** A site whose loop waits for nothing but the event loop. */
function site(
  own: TestNetwork,
  change: Partial<FederationConfig> = {},
  trainer: RoundTrainer = inlineTrainer,
): Site {
  const registry = new Registry()
  const lines: string[] = []
  const config: FederationConfig = {
    url,
    name: 'site 1',
    token: 'token-1',
    token_file: undefined,
    streams: [],
    state: mkdtempSync(join(root, 's-')),
    cpu_budget: 1,
    poll_interval: 1000,
    personalise: true,
    ...change,
  }
  const log = logTo(lines)
  const options: FederationOptions = {
    config,
    networks: async () => [own],
    registry,
    log,
    clock: Date.now,
    trainer,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
  }
  const component = createFederation(options)
  components.push(component)
  return {
    component,
    network: own,
    lines,
    async metric(name) {
      const line = (await registry.metrics()).split('\n').find((each) => each.startsWith(`${name} `))
      return line === undefined ? undefined : Number(line.slice(name.length))
    },
  }
}

function logTo(lines: string[]): Logger {
  const log = createLogger({ name: 'test', level: 'silent' })
  for (const level of ['info', 'warn', 'debug'] as const)
    vi.spyOn(log, level).mockImplementation(
      (...args: unknown[]) => void lines.push(`${level} ${args.at(-1)}`),
    )
  return log
}

const started = async (...args: Parameters<typeof site>): Promise<Site> => {
  const one = site(...args)
  await one.component.start()
  return one
}
/** Until the loop has gone round so often again. */
async function rounds(count: number): Promise<void> {
  const polls = () => server.seen.filter((request) => request.endsWith('/work')).length
  const before = polls()
  await vi.waitFor(() => expect(polls()).toBeGreaterThanOrEqual(before + count), 20_000)
}
const verdicts = (verdict: string) => `adf_fl_global_weights_total{stream="service",verdict="${verdict}"}`

it('a new site begins with the global weights, before it has any data', async () => {
  server.advance(good, 0.1)
  const { network: own, metric } = await started(new TestNetwork({ training: [], heldOut: [] }))
  await vi.waitFor(() => expect(own.weights?.values).toEqual(server.versions[1]), 20_000)
  await rounds(3)
  expect(own.adopted).toHaveLength(1)
  expect(await metric(verdicts('first'))).toBe(1)
  expect(await metric('adf_fl_global_version{stream="service"}')).toBe(1)
})

it('random weights of version 0 never judge, but are trained', async () => {
  server.ask(1)
  const { component, network: own, metric } = await started(new TestNetwork(gathered(1)))
  await vi.waitFor(() => expect(server.updates.size).toBe(1), 20_000)
  await rounds(2)
  expect(own.adopted).toEqual([])
  const [update] = [...server.updates.values()]
  expect(update).toMatchObject({ samples: 512, receipt: { round: 1 } })
  expect(await metric('adf_fl_rounds_completed_total{stream="service"}')).toBe(1)
  const { server: at, client, public_key, reachable, last_error, runs } = component.status()
  expect({ at, client, reachable, last_error }).toEqual({
    at: url,
    client: [...server.clients.keys()][0],
    reachable: true,
    last_error: null,
  })
  expect(public_key).toMatch(/^[\w-]{43}$/)
  const standing = { stream: 'service', version: 0, last_round: 1, last_missed: null }
  expect(runs).toEqual([{ run: expect.any(String), ...standing }])
  expect(await metric('adf_fl_training_cpu_seconds_total')).toBeGreaterThan(0)
})

it('takes global weights that are better here, with a last layer of its own', async () => {
  const { network: own, metric, lines } = await started(new TestNetwork(gathered(1), bad))
  server.advance(good, 0.1)
  await vi.waitFor(() => expect(own.adopted).toHaveLength(1), 20_000)
  const last = weightLayers(network).at(-2)!.offset
  expect(own.weights!.values.subarray(0, last)).toEqual(server.versions[1]!.subarray(0, last))
  expect(own.weights!.values.subarray(last)).not.toEqual(server.versions[1]!.subarray(last))
  expect(own.weights!.version).toBe(2)
  expect(lines).toContain('info the global weights are taken')
  const loss = (weights: string) => metric(`adf_fl_held_out_loss{stream="service",weights="${weights}"}`)
  expect((await loss('personal'))!).toBeLessThan((await loss('own'))!)
})

it('without personalisation takes them as they are', async () => {
  const { network: own } = await started(new TestNetwork(gathered(1), bad), { personalise: false })
  server.advance(good, 0.1)
  await vi.waitFor(() => expect(own.weights?.values).toEqual(server.versions[1]), 20_000)
})

it('keeps its own weights when the global ones are worse here, and says so', async () => {
  const { network: own, metric, lines } = await started(new TestNetwork(gathered(1), good))
  server.advance(bad, 0.1)
  await vi.waitFor(async () => expect(await metric(verdicts('kept'))).toBe(1), 20_000)
  expect(own.weights?.values).toEqual(good)
  expect(lines).toContain('info the global weights are worse here: they are not taken')
  await rounds(3)
  expect(await metric(verdicts('kept'))).toBe(1)
})

it('keeps its own as long as nothing is held out to compare on, and then compares', async () => {
  const own = new TestNetwork({ ...gathered(1), heldOut: [] }, bad)
  const { metric } = await started(own)
  server.advance(good, 0.1)
  await vi.waitFor(
    async () => expect(await metric('adf_fl_global_version{stream="service"}')).toBe(1),
    20_000,
  )
  await rounds(3)
  expect(own.adopted).toEqual([])
  own.gathered.heldOut.push(run(7, 1))
  await vi.waitFor(() => expect(own.adopted).toHaveLength(1), 20_000)
  expect(await metric(verdicts('taken'))).toBe(1)
})

/** Enough for weights that are of use. */
const PATIENT = { epochs: 40, batch_size: 1, learning_rate: 0.02 }

it('several rounds: each is trained for once, and each version taken or kept', async () => {
  const { network: own, metric } = await started(new TestNetwork(gathered(1)))
  for (let round = 1; round <= 3; round++) {
    server.ask(round, 0.5)
    server.round = { ...server.round!, training: { ...PATIENT, proximal: 0.01 } }
    await vi.waitFor(() => expect(server.updates.size).toBe(round), 20_000)
    const [update] = [...server.updates.values()].slice(-1)
    server.advance(
      server.versions.at(-1)!.map((value, i) => value + update!.values[i]!),
      0.5,
    )
  }
  await vi.waitFor(
    async () => expect(await metric('adf_fl_global_version{stream="service"}')).toBe(3),
    20_000,
  )
  expect(await metric('adf_fl_rounds_completed_total{stream="service"}')).toBe(3)
  expect(own.adopted.length).toBeGreaterThan(0)
  expect(await metric('adf_fl_bytes_total{direction="up"}')).toBeGreaterThan(300)
})

it('without data only watches: no round waits for it', async () => {
  server.ask(1)
  const own = new TestNetwork({ training: [], heldOut: [] })
  const { metric } = await started(own)
  await rounds(3)
  expect(server.updates.size).toBe(0)
  expect(await metric('adf_fl_rounds_missed_total{reason="too_little_data"}')).toBe(undefined)
  own.gathered.training.push(run(1))
  await vi.waitFor(() => expect(server.updates.size).toBe(1), 20_000)
})

it('weights that run away give no update; the round is missed once', async () => {
  server.advance(
    server.versions[0]!.map((value) => 1e29 * Math.sign(value)),
    0.1,
  )
  server.ask(1)
  const { network: own, metric, lines } = await started(new TestNetwork(gathered(1)))
  const missed = () => metric('adf_fl_rounds_missed_total{reason="ran_away"}')
  await vi.waitFor(async () => expect(await missed()).toBe(1), 20_000)
  await rounds(3)
  expect(await missed()).toBe(1)
  expect(server.updates.size).toBe(0)
  expect(lines.filter((line) => line.startsWith('warn'))).toHaveLength(1)
  // Such weights judge nowhere, not even where none do.
  expect(own.adopted).toEqual([])
})

it('sends what waits again, the same bytes, instead of training again', async () => {
  const state = mkdtempSync(join(root, 's-'))
  server.ask(1)
  server.fault = (request) => (request.includes('/update') ? 'answer_lost' : undefined)
  const first = await started(new TestNetwork(gathered(1)), { state })
  await vi.waitFor(() => expect(server.updates.size).toBe(1), 20_000)
  await first.component.stop()
  server.fault = () => undefined
  // Who delivered is not asked again: what waits is sent for its receipt.
  const second = await started(new TestNetwork(gathered(1)), { state })
  const sent = () => server.seen.filter((request) => request.includes('/update')).length
  const before = sent()
  await vi.waitFor(() => expect(sent()).toBe(before + 1), 20_000)
  await rounds(2)
  expect(server.updates.size).toBe(1)
  expect(sent()).toBe(before + 1)
  expect(await second.metric('adf_fl_training_cpu_seconds_total')).toBe(0)
})

it('a server that is away is told once, counted, and found again', async () => {
  const { component, metric, lines } = await started(new TestNetwork(gathered(1)))
  await rounds(1)
  const { port, clients } = server
  await server.stop()
  await vi.waitFor(
    async () => expect(await metric('adf_fl_failures_total{reason="unreachable"}')).toBeGreaterThan(1),
    20_000,
  )
  expect(component.status()).toMatchObject({
    reachable: false,
    last_success_at: expect.any(String),
    last_error: expect.any(String),
  })
  server = new TestServer(model)
  for (const [id, client] of clients) server.clients.set(id, client)
  await server.start(port)
  await rounds(1)
  await vi.waitFor(() => expect(lines).toContain('info the federation server answers again'), 20_000)
  expect(lines.filter((line) => line.startsWith('warn no part'))).toHaveLength(1)
  expect(component.status()).toMatchObject({ reachable: true, last_error: null })
})

it('a run about other features is none of its business, and told once', async () => {
  server.ask(1)
  const other = features.map((feature) => ({ ...feature, name: `${feature.name}x` }))
  const { lines, component } = await started(new TestNetwork(gathered(1), undefined, 'service', other))
  await rounds(4)
  expect(server.updates.size).toBe(0)
  expect(lines.filter((line) => line.includes('no part in this run'))).toHaveLength(1)
  expect(server.seen.filter((request) => request.includes('/versions/'))).toEqual([])
  expect(component.status()).toMatchObject({
    idle: null,
    runs: [{ stream: 'service', version: null, last_missed: expect.stringContaining('no stream here has') }],
  })
})

it('streams that are not to take part are not even named to the server', async () => {
  server.ask(1)
  const { lines, component } = await started(new TestNetwork(gathered(1)), { streams: ['host'] })
  await rounds(3)
  expect(lines.filter((line) => line.startsWith('warn nothing to train together'))).toHaveLength(1)
  expect(server.updates.size).toBe(0)
  expect(server.seen.filter((request) => request.startsWith('GET'))).toEqual([])
  expect(component.status().idle).toContain('no stream that takes part has a network')
})

it('a round by secure aggregation is left out without the keys of the other sites', async () => {
  server.ask(1)
  server.round = { ...server.round!, secure_aggregation: true }
  const { component, metric } = await started(new TestNetwork(gathered(1)))
  const missed = 'adf_fl_rounds_missed_total{reason="no_peers"}'
  await vi.waitFor(async () => expect(await metric(missed)).toBeGreaterThan(0), 20_000)
  expect(server.updates.size).toBe(0)
  expect(component.status().runs).toMatchObject([
    { last_round: null, last_missed: expect.stringContaining('set federation.peers_file') },
  ])
})

it('own weights that were trained meanwhile are not replaced by a comparison with those before', async () => {
  const own = new TestNetwork(gathered(1), bad)
  let trained = 0
  const slow: RoundTrainer = {
    async train(job, signal) {
      const result = await inlineTrainer.train(job, signal)
      // The engine's own training ends just now.
      if (trained++ === 0) await own.adopt({ ...own.weights!, values: good, hash: 'x' })
      return result
    },
  }
  server.advance(
    bad.map((value) => 0.9 * value),
    0.1,
  )
  const { metric } = await started(own, { personalise: false }, slow)
  await vi.waitFor(async () => expect(await metric(verdicts('kept'))).toBe(1), 20_000)
  expect(own.weights?.values).toEqual(good)
})

it('needs a token to begin, says so, and none once it is enrolled', async () => {
  const missing = join(root, 'no-such-file')
  for (const change of [{ token: undefined }, { token: undefined, token_file: missing }]) {
    const { component } = site(new TestNetwork(gathered(1)), change)
    await expect(component.start()).rejects.toThrow(StartFault)
    await component.stop()
  }
  const state = mkdtempSync(join(root, 's-'))
  const token_file = join(root, 'token')
  writeFileSync(token_file, 'token-1\n')
  const first = await started(new TestNetwork(gathered(1)), { state, token: undefined, token_file })
  await rounds(1)
  await first.component.stop()
  await started(new TestNetwork(gathered(1)), { state, token: undefined })
  await rounds(1)
  expect(server.clients.size).toBe(1)
})

it('a refused token is told, and does not keep the processor from working', async () => {
  const { lines, metric } = await started(new TestNetwork(gathered(1)), { token: 'used' })
  await vi.waitFor(
    async () => expect(await metric('adf_fl_failures_total{reason="refused"}')).toBeGreaterThan(1),
    20_000,
  )
  expect(lines.filter((line) => line.startsWith('warn'))).toHaveLength(1)
})
