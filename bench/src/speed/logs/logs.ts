import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { z } from 'zod'
import { someNezhaSets } from '../../quality/nezha-set.ts'
import type { Benchmark } from '../../suite.ts'

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
      const run = await measure([data, quick ? '2' : '8'])
      progress(
        `round ${round}/${rounds}: miner ${Math.round(run.miner)}, path ${Math.round(run.path)} records a CPU-second`,
      )
      runs.push(run)
    }
    return (['miner', 'path'] as const).flatMap((name) => {
      const values = runs.map((run) => run[name]).toSorted((a, b) => a - b)
      const row = { suite: 'speed', case: `logs-${name}`, subject: 'adf' }
      return [
        { ...row, measure: 'records_per_cpu_s', value: values[values.length >> 1] ?? Number.NaN },
        { ...row, measure: 'slowest', value: values[0] ?? Number.NaN },
      ]
    })
  },
}

async function measure(args: readonly string[]): Promise<z.infer<typeof Measured>> {
  const child = fork(join(import.meta.dirname, 'main.ts'), args)
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the measured process ended with ${code}`)
  })
  const [message] = await Promise.race([once(child, 'message'), exited])
  exited.catch(() => {})
  return Measured.parse(message)
}
