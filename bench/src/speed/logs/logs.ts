import { z } from 'zod'
import { someNezhaSets } from '../../quality/nezha-set.ts'
import type { Benchmark } from '../../suite.ts'
import { measuredBy, median } from '../measured-process.ts'

const MAIN = new URL('main.ts', import.meta.url)
const Measured = z.object({ miner: z.number(), path: z.number() })

/** Log records per second of CPU time, one thread, on the lines of Nezha's data: the miner alone, and OTLP bytes to vectors. */
export const logs: Benchmark = {
  suite: 'speed',
  name: 'logs',
  describe: 'log records per CPU-second: the template miner alone, and from OTLP bytes to features',
  run: async ({ data, quick, progress }) => {
    // says what is missing before a process is started for it
    someNezhaSets(data)
    const runs: z.infer<typeof Measured>[] = []
    const rounds = quick ? 1 : 5
    for (let round = 1; round <= rounds; round++) {
      const run = Measured.parse(await measuredBy(MAIN, [data, quick ? '2' : '8']))
      progress(
        `round ${round}/${rounds}: miner ${Math.round(run.miner)}, path ${Math.round(run.path)} records a CPU-second`,
      )
      runs.push(run)
    }
    return (['miner', 'path'] as const).flatMap((name) => {
      const values = runs.map((run) => run[name])
      const row = { suite: 'speed', case: `logs-${name}`, subject: 'adf' }
      return [
        { ...row, measure: 'records_per_cpu_s', value: median(values) },
        { ...row, measure: 'slowest', value: Math.min(...values) },
      ]
    })
  },
}
