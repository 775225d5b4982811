import { z } from 'zod'
import { rowsOfRounds } from '../../results/summary.ts'
import type { Benchmark } from '../../suite.ts'
import { measuredBy } from '../measured-process.ts'

const MAIN = new URL('main.ts', import.meta.url)
const Measured = z.record(z.string(), z.number())
type Measured = z.infer<typeof Measured>

const ENTITIES = 1000
const QUICK = { entities: 30, seconds: 2 }

/** What it costs to score a thousand entities once a second with the detectors of the default configuration, training included. */
export const scoring: Benchmark = {
  suite: 'speed',
  name: 'scoring',
  describe: '1,000 entities × 17 features at 1 Hz: share of a core, memory, time from arrival to score',
  run: async ({ quick, progress }) => {
    const runs: Measured[] = []
    for (let round = 1; round <= (quick ? 1 : 3); round++) {
      const measured = Measured.parse(
        await measuredBy(MAIN, quick ? [`${QUICK.entities}`, `${QUICK.seconds}`] : [`${ENTITIES}`, '60']),
      )
      progress(`round ${round}: ${measured['core_pct']?.toFixed(1)} % of a core`)
      runs.push(measured)
    }
    return rowsOfRounds({ suite: 'speed', case: 'scoring', subject: 'adf' }, runs)
  },
}
