import type { Benchmark, BenchOptions, Row } from '../../suite.ts'
import { readSites } from '../sites/machines.ts'
import { mean, type Quality, qualityOf } from '../sites/quality.ts'
import { defaultRule } from '../sites/rules.ts'
import { defaultQuantisation, defaultTraining } from '../sites/server-defaults.ts'
import type { Site } from '../sites/site.ts'
import { withThreads } from '../sites/site-thread.ts'
import { type ProcessesResult, runProcesses } from './processes.ts'
import { central, localOnly, together, type WeightsOfSites } from './subjects.ts'

const SITES = 5
const ROUNDS = 100
/** A week of minutes. */
const ROWS = 10_080
const QUICK = { rounds: 3, judgedRows: 3000 }

/** A server and five processors, all processes of their own, over a hundred rounds: what it costs and what it is worth. */
export const rounds: Benchmark = {
  suite: 'federation',
  name: 'rounds',
  describe: 'a server and five processors on SMD, 100 rounds: bytes on the sockets, VUS-PR',
  run: runRounds,
}

async function runRounds({ data, quick, progress }: BenchOptions): Promise<Row[]> {
  const count = quick ? QUICK.rounds : ROUNDS
  const name = `${count}-rounds`
  const seed = Number(process.env['ADF_BENCH_SEED'] ?? 1)
  const sites = await readSites({
    data,
    count: SITES,
    rows: ROWS,
    judgedRows: quick ? QUICK.judgedRows : undefined,
  })
  for (const { name, training, heldOut } of sites)
    progress(`${name}: ${training.length} runs to train on, ${heldOut.length} held out`)
  const processes = await runProcesses({ sites, rounds: count, progress })
  const rows = costRows(name, processes)
  await withThreads(sites, async (threads) => {
    const options = { sites, threads, rounds: count, training: defaultTraining, seed }
    const subjects: [string, () => Promise<WeightsOfSites> | WeightsOfSites][] = [
      ['adf', () => sites.map(() => processes.weights)],
      ['fedavg-fp32', () => together(options)],
      ['fedavg-quantised', () => together(options, { quantisation: defaultQuantisation })],
      ['default-rule-fp32', () => together(options, { combine: defaultRule() })],
      [
        'default-rule-quantised',
        () => together(options, { combine: defaultRule(), quantisation: defaultQuantisation }),
      ],
      ['local-only', () => localOnly(options)],
      ['central', () => central(options)],
    ]
    for (const [subject, make] of subjects) {
      const weights = await make()
      const qualities = await Promise.all(sites.map((site, i) => qualityOf(weights[i]!, site, threads[i]!)))
      rows.push(...qualityRows(name, subject, sites, qualities))
      progress(`${subject}: VUS-PR ${mean(qualities.map(({ vusPr }) => vusPr)).toFixed(4)}`)
    }
  })
  return rows
}

function costRows(name: string, result: ProcessesResult): Row[] {
  const row = (subject: string, measure: string, value: number): Row => ({
    suite: 'federation',
    case: name,
    subject,
    measure,
    value,
  })
  const parts = [...result.carried]
  const total = parts.reduce((sum, [, { up, down }]) => sum + up + down, 0)
  return [
    row('adf', 'total_mb', total / 1e6),
    row('adf', 'counted_mb', (result.counted.up + result.counted.down) / 1e6),
    row('adf', 'up_mb', parts.reduce((sum, [, { up }]) => sum + up, 0) / 1e6),
    row('adf', 'down_mb', parts.reduce((sum, [, { down }]) => sum + down, 0) / 1e6),
    row('adf', 'delivered', result.delivered),
    row('adf', 'abandoned', result.abandoned),
    row('adf', 'connections', result.connections),
    row('adf', 'training_cpu_s', result.trainingCpuS),
    ...parts.flatMap(([purpose, { up, down, requests }]) => [
      row(`adf:${purpose}`, 'total_mb', (up + down) / 1e6),
      row(`adf:${purpose}`, 'up_mb', up / 1e6),
      row(`adf:${purpose}`, 'down_mb', down / 1e6),
      row(`adf:${purpose}`, 'requests', requests),
    ]),
  ]
}

function qualityRows(
  name: string,
  subject: string,
  sites: readonly Site[],
  qualities: readonly Quality[],
): Row[] {
  const rowsOf = (place: string, vusPr: number, loss: number): Row[] => [
    { suite: 'federation', case: place, subject, measure: 'vus_pr', value: vusPr },
    { suite: 'federation', case: place, subject, measure: 'held_out_loss', value: loss },
  ]
  return [
    ...rowsOf(
      name,
      mean(qualities.map(({ vusPr }) => vusPr)),
      mean(qualities.map(({ heldOutLoss }) => heldOutLoss)),
    ),
    ...sites.flatMap((site, i) =>
      rowsOf(`${name}/${site.name}`, qualities[i]!.vusPr, qualities[i]!.heldOutLoss),
    ),
  ]
}
