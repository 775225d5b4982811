import {
  type Attack,
  attacks as all,
  type SimulationReport,
  simulate,
} from '@adf/federation-server/simulation'
import type { Benchmark, Row } from '../../suite.ts'
import { plain, type Subject, subjects } from './subjects.ts'

const CLIENTS = 10
const ATTACKERS = 3
const ROUNDS = 30
const SEEDS = [1, 2, 3, 4, 5]
const QUICK = { rounds: 4, seeds: [1], subjects: ['adf', 'fed_avg'], attacks: 2 }

/**
 * Every rule against every attack, three attackers among ten clients from the first round on. `loss` is what the global weights have lost against the plain mean of ten
 * honest clients with the same seed, in points of average precision on the sites of the seven; means of the seeds.
 */
export const attacks: Benchmark = {
  suite: 'federation',
  name: 'attacks',
  describe: 'what attackers cost under each aggregation rule, who is caught and who wrongly held back',
  run: async ({ quick, progress }) => {
    const rounds = quick ? QUICK.rounds : ROUNDS
    const seeds = quick ? QUICK.seeds : SEEDS
    const chosen = subjects.filter(({ name }) => !quick || QUICK.subjects.includes(name))
    const unharmed = new Map(seeds.map((seed) => [seed, run(plain, undefined, rounds, seed).quality]))
    const rows = [...unharmed.values()].map((quality, i) =>
      row(`seed-${seeds[i]}`, plain.name, 'average_precision', quality),
    )
    for (const each of chosen)
      for (const attack of [undefined, ...(quick ? all.slice(0, QUICK.attacks) : all)]) {
        const reports = seeds.map((seed) => ({ seed, ...run(each, attack, rounds, seed) }))
        const losses = reports.map(({ seed, quality }) => unharmed.get(seed)! - quality)
        const name = attack?.name ?? 'none'
        progress(`${each.name} under ${name}: ${mean(losses).toFixed(2)} points`)
        rows.push(...measured(name, each.name, losses, reports))
      }
    for (const { name } of chosen) rows.push(row('worst', name, 'loss', worst(rows, name)))
    return rows
  },
}

const run = (
  { settings, trusted }: Subject,
  attack: Attack | undefined,
  rounds: number,
  seed: number,
): SimulationReport =>
  simulate({ clients: CLIENTS, attackers: ATTACKERS, attack, rounds, seed, trusted, settings })

function measured(
  attack: string,
  subject: string,
  losses: readonly number[],
  reports: readonly SimulationReport[],
): Row[] {
  const after = reports.flatMap(({ caughtAfter }) => (caughtAfter === undefined ? [] : [caughtAfter]))
  const measures = {
    loss: mean(losses),
    worst_seed_loss: Math.max(...losses),
    honest_rejected_percent: 100 * mean(reports.map(({ honestRejected }) => honestRejected)),
    attackers_caught_percent: 100 * mean(reports.map(({ attackersCaught }) => attackersCaught)),
    ...(after.length > 0 && { caught_after_rounds: mean(after) }),
    rounds_abandoned: mean(reports.map(({ abandoned }) => abandoned)),
  }
  return Object.entries(measures).map(([measure, value]) => row(attack, subject, measure, value))
}

const row = (name: string, subject: string, measure: string, value: number): Row => ({
  suite: 'federation',
  case: `attacks/${name}`,
  subject,
  measure,
  value,
})

/** The most that any attack cost. */
const worst = (rows: readonly Row[], subject: string): number =>
  Math.max(
    ...rows.flatMap((each) => (each.subject === subject && each.measure === 'loss' ? [each.value] : [])),
  )

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
