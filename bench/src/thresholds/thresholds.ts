import type { Benchmark, BenchOptions, Row } from '../suite.ts'
import { type Contestant, contestants } from './contestants.ts'
import { generatedStreams } from './generated.ts'
import { generatedRows } from './generated-rows.ts'
import type { OperatorOptions } from './operator.ts'
import { recordedStreams } from './recorded.ts'
import type { ScoredStream } from './scored-stream.ts'
import { type Outcome, simulate, untunedAlerts } from './simulate.ts'

const SEEDS = [1, 2, 3, 4, 5]
const VERDICTS = [20, 50, 200]
const WRONG = 0.05
const SUITE = 'thresholds'
/** Services of `adf generate`. */
const SERVICES = { full: 4, quick: 1 }

/** How verdicts go wrong, at 50 of them. */
const FAULTS = [
  { name: 'wrong-0', wrong: 0, liar: false },
  { name: 'wrong-5', wrong: WRONG, liar: false },
  { name: 'wrong-20', wrong: 0.2, liar: false },
  { name: 'adversarial', wrong: WRONG, liar: true },
] as const

/**
 * What a tuned threshold costs in the second half of a run, in false alerts by entity and day, with a simulated operator. Streams, peers
 * and measures: README.md.
 */
export const tuning: Benchmark = {
  suite: SUITE,
  name: 'tuning',
  describe: 'cost of thresholds that are tuned by few verdicts: ours, static, SPOT, DSPOT, ACI, Thompson',
  run: async ({ data, quick, progress }: BenchOptions) => {
    const seeds = quick ? SEEDS.slice(0, 1) : SEEDS
    const fixed = [
      ...recordedStreams(data, quick, progress),
      generatedRows(quick ? SERVICES.quick : SERVICES.full, progress),
    ]
    const drawn = seeds.map((seed) => generatedStreams(seed).slice(0, quick ? 1 : undefined))
    const streams = [
      ...fixed.map(({ name }, i) => ({ name, of: () => fixed[i]! })),
      ...drawn[0]!.map(({ name }, i) => ({ name, of: (seed: number) => drawn[seeds.indexOf(seed)]![i]! })),
    ]
    const runs = new Runs(seeds)
    const verdicts = quick ? VERDICTS.slice(0, 1) : VERDICTS
    return [...budgets(streams, verdicts, runs, progress), ...faults(streams, runs, progress)]
  },
}

interface Stream {
  readonly name: string
  of(seed: number): ScoredStream
}

type Setting = Pick<OperatorOptions, 'verdicts' | 'wrong' | 'liar'>

/** Outcomes by seed. Who hears of no verdict is run once for all settings. */
class Runs {
  readonly #seeds: readonly number[]
  readonly #known = new Map<string, readonly Outcome[]>()

  constructor(seeds: readonly number[]) {
    this.#seeds = seeds
  }

  of(stream: Stream, contestant: Contestant, setting: Setting): readonly Outcome[] {
    const key = JSON.stringify([stream.name, contestant.name, contestant.hears ? setting : null])
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const outcomes = this.#seeds.map((seed) => {
      const scored = stream.of(seed)
      const answers = Math.min(1, setting.verdicts / untunedAlerts(scored))
      return simulate(scored, contestant, { seed, answers, ...setting })
    })
    this.#known.set(key, outcomes)
    return outcomes
  }
}

/** A row for each stream and number of verdicts, and the mean of them all. */
function budgets(
  streams: readonly Stream[],
  budget: readonly number[],
  runs: Runs,
  progress: (text: string) => void,
): Row[] {
  const rows: Row[] = []
  const sums = new Map(contestants.map(({ name }) => [name, 0]))
  for (const stream of streams)
    for (const verdicts of budget) {
      const name = `${stream.name}/${verdicts}`
      for (const contestant of contestants) {
        const outcomes = runs.of(stream, contestant, { verdicts, wrong: WRONG, liar: false })
        const cost = mean(outcomes)
        sums.set(contestant.name, sums.get(contestant.name)! + cost)
        rows.push({ suite: SUITE, case: name, subject: contestant.name, measure: 'cost', value: cost })
        rows.push(...shares(name, contestant.name, outcomes))
      }
      rows.push(ofBestOther(rows, name))
      progress(`${name}: ${costs(rows, name)}`)
    }
  const points = streams.length * budget.length
  for (const [subject, sum] of sums)
    rows.push({ suite: SUITE, case: 'mean', subject, measure: 'cost', value: sum / points })
  rows.push(ofBestOther(rows, 'mean'))
  progress(`mean: ${costs(rows, 'mean')}`)
  return rows
}

/** Our cost as a multiple of that of the cheapest other. */
function ofBestOther(rows: readonly Row[], name: string): Row {
  const costs = rows.filter((row) => row.case === name && row.measure === 'cost')
  const others = costs.filter(({ subject }) => subject !== 'adf').map(({ value }) => value)
  const own = costs.find(({ subject }) => subject === 'adf')?.value ?? Number.NaN
  return {
    suite: SUITE,
    case: name,
    subject: 'adf',
    measure: 'of_best_other',
    value: own / Math.min(...others),
  }
}

/** Means over all streams. */
function faults(streams: readonly Stream[], runs: Runs, progress: (text: string) => void): Row[] {
  const rows: Row[] = []
  for (const { name, wrong, liar } of FAULTS) {
    for (const contestant of contestants) {
      const all = streams.map((stream) => mean(runs.of(stream, contestant, { verdicts: 50, wrong, liar })))
      const value = all.reduce((a, b) => a + b, 0) / all.length
      rows.push({ suite: SUITE, case: name, subject: contestant.name, measure: 'cost', value })
    }
    progress(`${name}: ${costs(rows, name)}`)
  }
  return rows
}

function shares(name: string, subject: string, outcomes: readonly Outcome[]): Row[] {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((all, one) => all + of(one), 0)
  const found = sum(({ truePositives }) => truePositives)
  const alerts = found + sum(({ falsePositives }) => falsePositives)
  const incidents = found + sum(({ falseNegatives }) => falseNegatives)
  const row = { suite: SUITE, case: name, subject }
  return [
    { ...row, measure: 'precision', value: alerts > 0 ? found / alerts : 1 },
    { ...row, measure: 'recall', value: incidents > 0 ? found / incidents : 1 },
  ]
}

const mean = (outcomes: readonly Outcome[]): number =>
  outcomes.reduce((sum, { cost }) => sum + cost, 0) / outcomes.length

const costs = (rows: readonly Row[], name: string): string =>
  rows
    .filter((row) => row.case === name && row.measure === 'cost')
    .map(({ subject, value }) => `${subject} ${value.toFixed(3)}`)
    .join(', ')
