import { createPrivateKey } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { normal, seeded } from '@adf/detectors'
import { FileState } from '@adf/federation'
import { clientKeyOf } from '@adf/federation/signature'
import { Config, createProcessor, type Processor } from '@adf/processor'
import { createLogger } from '@adf/service'
import { afterAll, expect, test } from 'vitest'
import { type RunningFederation, startFederation } from '../harness/federation-server.ts'
import { temporaryFolder, until } from '../harness/process.ts'

const FEATURES = ['a', 'b', 'c', 'd']
const MACHINES = 6
const ROUNDS = 4
/** Each machine's runs are of 512 vectors, after the warm-up; some of them are held out. */
const VECTORS = 700

const folders = temporaryFolder()
const sites: Processor[] = []
let server: RunningFederation | undefined
afterAll(async () => {
  for (const site of sites) await site.stop()
  await server?.stop()
  folders.remove()
})

/** A processor that takes part. In this process: what is tested is how they get on with a server that is one of its own. */
async function startSite(url: string, token: string, name: string, more: object = {}): Promise<Processor> {
  const site = await createProcessor({
    config: Config.parse({
      receiver: { grpc: { port: 0 }, http: { port: 0 } },
      api: { port: 0 },
      store: { path: join(folders.path, `${name}.db`) },
      edge: { detection: { detectors: ['robust', 'autoencoder'], warm_up: 50, settle: 0 } },
      streams: {
        machines: { entity: 'id', features: Object.fromEntries(FEATURES.map((feature) => [feature, {}])) },
      },
      federation: {
        enabled: true,
        url,
        token,
        name,
        state: join(folders.path, name),
        cpu_budget: 1,
        poll_interval: '1s',
        ...more,
      },
    }),
    log: createLogger({ name, level: 'silent' }),
    version: '0.1.0',
  })
  await site.start()
  sites.push(site)
  return site
}

/** Vectors of the machines of a site: two hidden causes move four features, in its own way. */
async function feed(site: Processor, number: number): Promise<void> {
  const rngs = Array.from({ length: MACHINES }, (_, machine) => seeded(100 * number + machine))
  const begin = Date.now() - 2000 * VECTORS
  const post = async (from: number, to: number) => {
    for (const [machine, rng] of rngs.entries()) {
      const events = Array.from({ length: to - from }, (_, i) => {
        const [x, y] = [normal(rng), normal(rng)]
        const values = [x, y, x + y, x - (1 + 0.2 * number) * y].map((v) => 50 + 5 * v + 0.1 * normal(rng))
        const features = Object.fromEntries(FEATURES.map((feature, at) => [feature, values[at]]))
        return { id: `m${machine}`, timestamp: begin + 1000 * (from + i), ...features }
      })
      const answer = await fetch(`${site.api.url}/api/events/machines`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(events),
      })
      expect(await answer.json()).toMatchObject({ accepted: to - from, rejected: 0 })
    }
  }
  // What was learned before is looked for first, then the warm-up is fitted: what comes meanwhile counts for neither.
  await post(0, 1)
  for (let at = 1; (await warm(site)) < MACHINES; at++) {
    if (at > VECTORS) throw new Error('the machines never warmed up')
    await post(at, at + 1)
  }
  for (let at = VECTORS; at < 2 * VECTORS; at += 100) await post(at, at + 100)
}

async function metric(site: Processor, line: string): Promise<number> {
  const found = (await site.registry.metrics()).split('\n').find((each) => each.startsWith(`${line} `))
  return found === undefined ? 0 : Number(found.slice(line.length))
}
const warm = (site: Processor) => metric(site, 'adf_training_jobs_total{kind="warm_up",outcome="done"}')
const version = (site: Processor) => metric(site, 'adf_fl_global_version{stream="machines"}')
const begun = (site: Processor) =>
  metric(site, 'adf_fl_global_weights_total{stream="machines",verdict="first"}')

test('three processors train one network over rounds, through a server that is killed; a new one begins with it', async () => {
  server = await startFederation({
    coordinator: { num_rounds: ROUNDS, min_clients_per_round: 3, gather: '200ms', round_deadline: '60s' },
    training: { epochs: 12, batch_size: 2, learning_rate: 0.02, proximal: 0.01 },
    aggregation: { pre_steps: [], rule: 'fed_avg', faulty: 0 },
    poisoning_detection: { enabled: false },
    runs: { machines: { stream: 'machines', features: FEATURES, kind: 'autoencoder' } },
  })
  const { url } = server
  const tokens = [await server.invite(), await server.invite(), await server.invite()]
  const three = await Promise.all(tokens.map((token, i) => startSite(url, token, `site-${i + 1}`)))
  await Promise.all(three.map((site, i) => feed(site, i)))

  const committed = async () => (await server?.status())?.runs[0]?.rounds.committed ?? 0
  await until('the first round', async () => (await committed()) >= 1, 90_000)
  server = await server.restart()
  await until('the last round', async () => (await committed()) === ROUNDS, 120_000)
  await until('its weights everywhere', async () => {
    const versions = await Promise.all(three.map(version))
    return versions.every((each) => each === ROUNDS)
  })

  const status = await server.status()
  expect(status).toMatchObject({ clients: { enrolled: 3 }, runs: [{ state: 'finished', version: ROUNDS }] })
  for (const site of three) {
    expect(await metric(site, 'adf_fl_rounds_completed_total{stream="machines"}')).toBe(ROUNDS)
    expect(await begun(site)).toBe(1)
    expect(await metric(site, 'adf_fl_training_cpu_seconds_total')).toBeGreaterThan(0)
  }

  const fourth = await startSite(url, await server.invite(), 'site-4')
  await until('a new site with the global weights', async () => (await begun(fourth)) === 1)
  expect(await version(fourth)).toBe(ROUNDS)
}, 300_000)

test('three processors train one network by secure aggregation: the server sees the mean of their updates alone', async () => {
  const secured = await startFederation({
    coordinator: { num_rounds: 2, min_clients_per_round: 3, gather: '200ms', round_deadline: '60s' },
    training: { epochs: 4, batch_size: 2, learning_rate: 0.02, proximal: 0.01 },
    aggregation: { pre_steps: [], rule: 'fed_avg', faulty: 0 },
    poisoning_detection: { enabled: false },
    secure_aggregation: true,
    runs: { machines: { stream: 'machines', features: FEATURES, kind: 'autoencoder' } },
  })
  try {
    const peers_file = join(folders.path, 'peers.json')
    writeFileSync(peers_file, '{}')
    const names = ['masked-1', 'masked-2', 'masked-3']
    const three = await Promise.all(
      names.map(async (name) => startSite(secured.url, await secured.invite(), name, { peers_file })),
    )
    await until('all are enrolled', async () => (await secured.status()).clients.enrolled === 3)
    writeFileSync(peers_file, JSON.stringify(Object.fromEntries(await Promise.all(names.map(keyOf)))))
    await Promise.all(three.map((site, i) => feed(site, i)))
    await until(
      'the last round',
      async () => (await secured.status()).runs[0]?.rounds.committed === 2,
      120_000,
    )
    await until('its weights everywhere', async () =>
      (await Promise.all(three.map(version))).every((each) => each === 2),
    )
    expect(await secured.status()).toMatchObject({
      runs: [{ secure_aggregation: true, rounds: { abandoned: 0 } }],
    })
    for (const site of three)
      expect(await metric(site, 'adf_fl_rounds_completed_total{stream="machines"}')).toBe(2)
    const updates: unknown = await (await fetch(`${secured.url}/api/updates`)).json()
    expect(updates).toMatchObject({ items: [] })
  } finally {
    await secured.stop()
  }
}, 300_000)

/** What its operator would tell the others: id and public key of a site. */
async function keyOf(name: string): Promise<[id: string, publicKey: string]> {
  const state = new FileState(join(folders.path, name), () => {})
  await until('its key', async () => (await state.loadIdentity())?.clientId !== undefined)
  const { clientId = '', privateKey = '' } = (await state.loadIdentity()) ?? {}
  return [clientId, clientKeyOf(createPrivateKey(privateKey)).publicKey]
}
