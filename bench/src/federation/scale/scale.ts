import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { weightCount } from '@adf/detectors'
import type { Benchmark, BenchOptions, Row } from '../../suite.ts'
import { ServerProcess } from '../server/server-process.ts'
import { load, type Measured } from './load.ts'
import { updatesOf } from './updates.ts'

const RUN = 'service-lstm'
const FEATURES = 17
const SITES = [10, 100, 1000]
/** LSTMs of 17 features: of the default, and of a fourteenth and about four times as many parameters. */
const NETWORKS = [
  { name: 'small', hidden_size: 16, num_layers: 1 },
  { name: 'default', hidden_size: 64, num_layers: 2 },
  { name: '4x', hidden_size: 128, num_layers: 2 },
] as const
/** From the third one on sites are compared over their rounds, too. */
const ROUNDS = 4

type Network = (typeof NETWORKS)[number]

/** A real server and up to a thousand simulated clients on one machine: what a round costs the server, by clients and parameters. */
export const scale: Benchmark = {
  suite: 'federation',
  name: 'scale',
  describe: 'time of aggregation, memory, CPU and stalls of the server, by clients and parameters',
  run: async (options: BenchOptions) => {
    const rows: Row[] = []
    const sizes = options.quick ? SITES.slice(0, 1) : SITES
    const networks = options.quick ? NETWORKS.slice(0, 1) : NETWORKS
    for (const network of networks)
      for (const sites of sizes) {
        const measured = await measure(network, sites, options.quick ? 1 : ROUNDS)
        const { aggregation_s, rss_mb, stall_ms } = measured
        options.progress(
          `${network.name} × ${sites}: aggregated in ${aggregation_s.toFixed(2)} s, ${Math.round(rss_mb)} MB, held for ${Math.round(stall_ms)} ms`,
        )
        for (const [measure, value] of Object.entries(measured))
          rows.push({
            suite: 'federation',
            case: `scale/${network.name}/${sites}`,
            subject: 'adf',
            measure,
            value,
          })
      }
    return rows
  },
}

async function measure(network: Network, sites: number, rounds: number): Promise<Measured & Parameters> {
  const { hidden_size, num_layers } = network
  const spec = { kind: 'lstm', inputs: FEATURES, hidden: hidden_size, layers: num_layers } as const
  const folder = mkdtempSync(join(tmpdir(), 'adf-scale-'))
  const features = Array.from({ length: FEATURES }, (_, i) => `feature_${i}`)
  const server = await ServerProcess.start({
    config: {
      log: { level: 'error' },
      api: { port: 0 },
      store: { path: join(folder, 'federation.db') },
      // Enrolment is limited by address, and all come from one.
      clients: { requests_per_second: 10_000, burst: 10_000 },
      federated: {
        coordinator: { min_clients_per_round: sites, num_rounds: rounds },
        runs: { [RUN]: { features, hidden_size, num_layers } },
      },
    },
  })
  if (server === undefined) throw new Error('the server did not start')
  try {
    const frames = [...updatesOf(spec, sites)]
    return { parameters: weightCount(spec), ...(await load(server, RUN, frames, rounds)) }
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true })
  }
}

interface Parameters {
  readonly parameters: number
}
