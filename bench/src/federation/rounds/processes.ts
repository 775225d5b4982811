import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { FederationClient, MemoryState } from '@adf/federation'
import { type RunningAdf, startAdf } from '../../../../test/harness/adf.ts'
import { type RunningFederation, startFederation } from '../../../../test/harness/federation-server.ts'
import { freePort, temporaryFolder, until } from '../../../../test/harness/process.ts'
import { RUN, STREAM, siteConfig } from '../sites/setup.ts'
import type { Site } from '../sites/site.ts'
import type { Purpose } from './purpose.ts'
import { type Carried, Relay } from './relay.ts'
import { replay } from './replay.ts'

export interface ProcessesOptions {
  readonly sites: readonly Site[]
  readonly rounds: number
  readonly progress: (text: string) => void
}

export interface ProcessesResult {
  /** Of the last version, as the server gives them. */
  readonly weights: Float32Array
  readonly carried: ReadonlyMap<Purpose, Carried>
  /** What the sites count themselves: bodies alone. */
  readonly counted: { readonly up: number; readonly down: number }
  /** Rounds that sites had a part in, all together. */
  readonly delivered: number
  readonly abandoned: number
  readonly connections: number
  readonly trainingCpuS: number
}

/** A round that does not end in this is not going to. */
const LONGEST_ROUND_MS = 600_000
/** The server has other work than to say how far it is. */
const LOOK_MS = 1000

/**
 * A server and a processor for each site, all processes of their own, until so many rounds are committed. The sites reach the server
 * through a relay that counts, which opens when all of them have been fed: before it, they do without a server.
 */
export async function runProcesses(options: ProcessesOptions): Promise<ProcessesResult> {
  const { sites, rounds, progress } = options
  const folder = temporaryFolder()
  const processors: RunningAdf[] = []
  const server = await startFederation(serverConfig(sites, rounds))
  const { hostname: host, port } = new URL(server.url)
  const relay = new Relay({ host, port: Number(port) })
  const relayPort = await freePort()
  try {
    for (const [i, site] of sites.entries()) {
      const processor = await startAdf({
        ...siteConfig(site.features.map(({ name }) => name)),
        federation: {
          enabled: true,
          url: `http://127.0.0.1:${relayPort}`,
          token: await server.invite(),
          name: `site-${i}`,
          state: join(folder.path, `site-${i}`),
          cpu_budget: 1,
          personalise: false,
        },
      })
      processors.push(processor)
      await replay(processor, site)
      progress(`${site.name} is fed`)
    }
    await relay.listen(relayPort)
    const committed = await allRounds(server, rounds, (done) =>
      progress(`${done} rounds, ${(relay.total / 1e6).toFixed(2)} MB`),
    )
    const sum = async (name: string, labels?: Record<string, string>) =>
      (await Promise.all(processors.map((each) => each.metric(name, labels)))).reduce((a, b) => a + b, 0)
    await until(
      'the last version at every site',
      async () => (await sum('adf_fl_global_version')) === rounds * sites.length,
      LONGEST_ROUND_MS,
    )
    return {
      weights: await lastWeights(server),
      carried: new Map(relay.carried),
      connections: relay.connections,
      counted: {
        up: await sum('adf_fl_bytes_total', { direction: 'up' }),
        down: await sum('adf_fl_bytes_total', { direction: 'down' }),
      },
      delivered: await sum('adf_fl_rounds_completed_total'),
      trainingCpuS: await sum('adf_fl_training_cpu_seconds_total'),
      abandoned: committed.abandoned,
    }
  } finally {
    for (const processor of processors) await processor.stop()
    await relay.close()
    await server.stop()
    folder.remove()
  }
}

/** All defaults, but how many rounds there are and that they begin when all are there. */
const serverConfig = (sites: readonly Site[], rounds: number) => ({
  coordinator: { num_rounds: rounds, min_clients_per_round: sites.length, gather: '200ms' },
  runs: { [RUN]: { stream: STREAM, features: sites[0]?.features.map(({ name }) => name) ?? [] } },
})

async function allRounds(server: RunningFederation, rounds: number, progress: (done: number) => void) {
  let told = 0
  let last = Date.now()
  for (;;) {
    const run = (await server.status()).runs[0]
    if (run === undefined) throw new Error('the server has no run')
    const { committed } = run.rounds
    if (committed > told) {
      if (Math.floor(committed / 10) > Math.floor(told / 10)) progress(committed)
      last = Date.now()
      told = committed
    }
    if (run.state === 'finished') return run.rounds
    if (Date.now() - last > LONGEST_ROUND_MS) throw new Error(`of ${rounds} rounds only ${committed} ended`)
    await setTimeout(LOOK_MS)
  }
}

/** As a client of its own gets them, which has no part in the counting. */
async function lastWeights(server: RunningFederation): Promise<Float32Array> {
  const client = new FederationClient({ url: server.url, state: new MemoryState() })
  try {
    await client.enrol({ name: 'bench', token: await server.invite() })
    const [work] = (await client.poll({ streams: [], watching: [STREAM] })).runs
    if (work === undefined) throw new Error('the server offers no run')
    return (await client.fetchGlobal(work)).weights
  } finally {
    await client.close()
  }
}
