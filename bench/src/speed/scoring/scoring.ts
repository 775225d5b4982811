import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { z } from 'zod'
import type { Benchmark, Row } from '../../suite.ts'

const Measured = z.record(z.string(), z.number())
type Measured = z.infer<typeof Measured>

const ENTITIES = 1000

/** What it costs to score a thousand entities once a second with the detectors of the default configuration, training included. */
export const scoring: Benchmark = {
  suite: 'speed',
  name: 'scoring',
  describe: '1,000 entities × 17 features at 1 Hz: share of a core, memory, time from arrival to score',
  run: async ({ quick, progress }) => {
    const runs: Measured[] = []
    for (let round = 1; round <= (quick ? 1 : 3); round++) {
      const measured = await measure([`${ENTITIES}`, quick ? '5' : '60'])
      progress(`round ${round}: ${measured['core_pct']?.toFixed(1)} % of a core`)
      runs.push(measured)
    }
    return rowsOf(runs)
  },
}

async function measure(args: readonly string[]): Promise<Measured> {
  const child = fork(join(import.meta.dirname, 'main.ts'), args, { execArgv: ['--expose-gc'] })
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the measured process ended with ${code}`)
  })
  const [message] = await Promise.race([once(child, 'message'), exited])
  exited.catch(() => {})
  return Measured.parse(message)
}

/** Medians. */
function rowsOf(runs: readonly Measured[]): Row[] {
  return Object.keys(runs[0] ?? {}).map((measure) => {
    const values = runs.map((run) => run[measure] ?? Number.NaN).toSorted((a, b) => a - b)
    const value = values[values.length >> 1] ?? Number.NaN
    return { suite: 'speed', case: 'scoring', subject: 'adf', measure, value }
  })
}
