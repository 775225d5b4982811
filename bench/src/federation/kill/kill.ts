import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Benchmark, BenchOptions, Row } from '../../suite.ts'
import { everyStep, moments } from './moments.ts'
import { begin, type Kill, type Outcome, train } from './run.ts'

const KILLS = 200
/** With --quick: kills at random moments, and at steps. */
const FEW = 2
/** So many that a run is killed some times before it is over, and that every step is come to. */
const ROUNDS = 20

/** A real server is killed again and again while sites train on it, and must come to the weights that it comes to undisturbed. */
export const kill: Benchmark = {
  suite: 'federation',
  name: 'kill',
  describe:
    'SIGKILL at every durable step and at random moments: other weights, lost and double updates, audit',
  run: async ({ quick, progress }: BenchOptions) => {
    const wanted = Number(process.env['ADF_BENCH_KILLS'] ?? (quick ? FEW : KILLS))
    const folder = mkdtempSync(join(tmpdir(), 'adf-kill-'))
    try {
      const beginning = join(folder, 'beginning.db')
      const identities = await begin(beginning, ROUNDS)
      const run = (next: () => Kill | undefined) =>
        train({ beginning, path: join(folder, 'run.db'), identities, rounds: ROUNDS }, next)
      const undisturbed = await run(() => undefined)
      const steps = everyStep()
      let most = quick ? FEW : Number.POSITIVE_INFINITY
      const atStep = () => (most-- > 0 ? (steps.next().value ?? undefined) : undefined)
      const atSteps = tally([await run(atStep)], undisturbed)
      progress(said('durable steps', atSteps))
      const outcomes: Outcome[] = []
      const killed = () => outcomes.reduce((sum, { kills }) => sum + kills, 0)
      const moment = moments(1)
      while (killed() < wanted) {
        let left = wanted - killed()
        const outcome = await run(() => (left-- > 0 ? moment.next().value : undefined))
        outcomes.push(outcome)
        progress(said(`random moments, of ${wanted}`, tally(outcomes, undisturbed)))
      }
      return [...rowsOf('kill/steps', atSteps), ...rowsOf('kill/random', tally(outcomes, undisturbed))]
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

type Tally = Readonly<Record<'runs' | 'kills' | 'mismatches' | 'lost' | 'double' | 'audit_ok', number>>

/** @param undisturbed whose weights all must have */
export function tally(outcomes: readonly Outcome[], undisturbed: Outcome): Tally {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((all, each) => all + of(each), 0)
  return {
    runs: outcomes.length,
    kills: sum(({ kills }) => kills),
    mismatches: sum(({ hash }) => Number(hash !== undisturbed.hash)),
    lost: sum(({ lost }) => lost),
    double: sum(({ double }) => double),
    audit_ok: Number([...outcomes, undisturbed].every(({ auditOk }) => auditOk)),
  }
}

const said = (what: string, { kills, mismatches, lost, double }: Tally): string =>
  `${kills} kills at ${what}: ${mismatches} runs with other weights, ${lost} updates lost, ${double} counted twice`

const rowsOf = (name: string, tallied: Tally): Row[] =>
  Object.entries(tallied).map(([measure, value]) => ({
    suite: 'federation',
    case: name,
    subject: 'adf',
    measure,
    value,
  }))
