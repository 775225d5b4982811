import { Invitation } from '@adf/contract/federation'
import { seeded } from '@adf/detectors'
import { FederationClient, MemoryState } from '@adf/federation'
import { localRound } from '@adf/federation/round'
import { Config, createFederationServer } from '@adf/federation-server'
import { createLogger } from '@adf/service'

// A server with one run of two rounds. It aggregates what three sites send.
const server = await createFederationServer({
  config: Config.parse({
    api: { port: 0 },
    store: { path: ':memory:' },
    federated: {
      coordinator: { num_rounds: 2, min_clients_per_round: 3, gather: 0 },
      aggregation: { pre_steps: [], rule: 'fed_avg', faulty: 0 },
      runs: { tides: { stream: 'tides', features: ['level', 'speed'], kind: 'autoencoder' } },
    },
  }),
  log: createLogger({ name: 'server', level: 'silent' }),
  version: '0.1.0',
})
await server.start()
const { url } = server.api

// Register: an operator invites, the site brings a key that it made itself. `FileState` would keep it over restarts.
async function register(name: string): Promise<FederationClient> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${url}/api/invitations`, { method: 'POST', headers, body: '{}' })
  const { token } = Invitation.parse(await answer.json())
  const client = new FederationClient({ url, state: new MemoryState() })
  await client.enrol({ name, token })
  return client
}

// Data never leave the site: standardised, row by row, one array for each stretch of time.
function tides(seed: number): Float32Array {
  const rng = seeded(seed)
  const waves = Array.from({ length: 500 }, (_, i) => [Math.sin(i / 7), Math.cos(i / 7)])
  return Float32Array.from(waves.flat(), (value) => 1.4 * value + 0.1 * rng())
}

// Take part until the run is over. Local round: train the global weights on the site's own data. Submit: the change, in a bit or two each.
async function takePart(client: FederationClient, site: number): Promise<Float32Array> {
  for (;;) {
    const { runs } = await client.poll({ streams: ['tides'], waitSeconds: 5 })
    for (const work of runs) {
      const { model, version, weights } = await client.fetchGlobal(work)
      if (version === 2) return weights
      if (work.round === null) continue
      const { round, training, privacy, step } = work.round
      const learned = await localRound({
        network: model.network,
        base: weights,
        train: [tides(site)],
        heldOut: [tides(100 + site)],
        training: { ...training, learning_rate: 0.01 },
        seed: site,
        privacy,
        rng: Math.random,
      })
      if (learned.kind === 'nothing') throw new Error(learned.detail)
      const { update: values, samples, loss } = learned
      await client.submit(work.run, { round, base: version, values, samples, loss, step })
    }
  }
}

const sites = await Promise.all(['north', 'west', 'south'].map(register))
export const weights = await Promise.all(sites.map(takePart))
export const status: unknown = await (await fetch(`${url}/api/status`)).json()

for (const site of sites) await site.close()
await server.stop()
