import { type Clues, rankRootCauses } from '@adf/processor'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { BenchOptions, Row } from '../../suite.ts'
import { type Judged, probabilityRows, shareWithin } from './judged.ts'
import { keep } from './keep.ts'
import { baro } from './peers/baro.ts'
import { evidenceOf, metricSeriesOf, type Rows } from './petshop-evidence.ts'
import type { PetshopSet, Scenario } from './petshop-set.ts'
import { rankVariants } from './variants.ts'

const PERIOD_MS = 300_000
const TOP = 10

/**
 * PetShop as its authors judge it (`code/rca_task.py` of the data set): the issue's rows against a time without issues, given
 * the service whose objective was violated; specificity: the later part of the quiet time against the earlier, at
 * half of it and each tenth after. Of an issue's rows those are judged that end after the violation began. Where a scenario
 * has no quiet time, that of another one stands in.
 */
export function judgePetshop(set: PetshopSet, options: BenchOptions): Row[] {
  const generator = xoroshiro128plus(1)
  const rng = () => uniformFloat64(generator)
  const spare = set.scenarios.find(({ quiet }) => quiet !== undefined)?.quiet
  const judged = set.scenarios.flatMap((scenario) => {
    const quiet = scenario.quiet ?? spare
    return quiet === undefined ? [] : judgeIssues(set, scenario, whole(quiet), rng, options)
  })
  const groups = Map.groupBy(judged, ({ type }) => type)
  const row = (name: string, subject: string, measure: string, value: number): Row => ({
    suite: 'quality',
    case: name,
    subject,
    measure,
    value,
  })
  const subjects = [...new Set(judged.flatMap(({ named }) => [...named.keys()]))]
  const recall = (name: string, of: readonly Judged[]) =>
    subjects.flatMap((subject) => [
      row(name, subject, 'top1', shareWithin(of, subject, 1)),
      row(name, subject, 'top3', shareWithin(of, subject, 3)),
    ])
  const specific = set.scenarios.flatMap((scenario) => quietAnswers(scenario, rng))
  return [
    ...recall(`${set.name}:mean`, judged),
    ...probabilityRows(`${set.name}:mean`, judged),
    row(`${set.name}:mean`, 'adf', 'specificity', specific.filter(Boolean).length / specific.length),
    ...Array.from(groups).flatMap(([type, of]) => recall(`${set.name}/${type}`, of)),
  ]
}

function judgeIssues(
  set: PetshopSet,
  { name: scenario, calls, issues }: Scenario,
  history: Rows,
  rng: () => number,
  { out, quick, progress }: BenchOptions,
): Judged[] {
  return (quick ? issues.slice(0, 3) : issues).map(({ name, metrics, metric, sinceMs, target, cause }) => {
    const from = metrics.timesMs.findIndex((time) => time + PERIOD_MS > sinceMs)
    const window = { table: metrics, from, to: metrics.timesMs.length }
    const clues = cluesOf(calls, window, history, target)
    const { ranking, named } = rankVariants(clues, { atMs: sinceMs, rng, top: TOP })
    named.set('baro', baro(metricSeriesOf(window, history)))
    const probabilities = ranking.causes.map(({ probability }) => probability)
    const judged = { name: `${scenario}-${name}`, type: `${scenario}-${metric}`, cause, named, probabilities }
    if (out !== undefined) keep(out, set.name, judged, ranking)
    progress(`${set.name} ${judged.name}: ${ranking.causes[0]?.service ?? 'no cause'}`)
    return judged
  })
}

/** Whether no cause was named, for each split of the quiet time and each service whose objective was ever violated. */
function quietAnswers({ calls, issues, quiet }: Scenario, rng: () => number): boolean[] {
  if (quiet === undefined) return []
  const targets = new Set(issues.map(({ target }) => target))
  const count = quiet.timesMs.length
  const answers: boolean[] = []
  for (const target of targets) {
    for (let split = Math.floor(count / 2); split < count - 3; split += Math.floor(count * 0.1)) {
      const window = { table: quiet, from: split, to: count }
      const clues = cluesOf(calls, window, { table: quiet, from: 0, to: split }, target)
      const { causes } = rankRootCauses({ ...clues, at: quiet.timesMs.at(-1) ?? 0, rng, top: TOP })
      answers.push(causes.length === 0)
    }
  }
  return answers
}

/** What is known of a window, given the service whose objective was violated. */
function cluesOf(calls: Scenario['calls'], window: Rows, history: Rows, target: string): Clues {
  const evidence = evidenceOf(calls, window, history)
  return { evidence, metrics: [], hosts: [], logs: [], symptoms: new Set([target]) }
}

function whole(table: Rows['table']): Rows {
  return { table, from: 0, to: table.timesMs.length }
}
