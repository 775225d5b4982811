import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { z } from 'zod'
import type { Benchmark, Row } from '../../suite.ts'

/** Services and calls between them. */
const SIZES = [
  [100, 1000],
  [1000, 10_000],
  [10_000, 100_000],
] as const

const Measured = z.object({ evidence_ms: z.number(), rank_ms: z.number(), total_ms: z.number() })
type Measured = z.infer<typeof Measured>

/** Time to rank the causes of one slow service, by the size of the graph: gathering the evidence and ranking it. */
export const rcaSpeed: Benchmark = {
  suite: 'speed',
  name: 'rca',
  describe: 'time of one ranking, by the size of the graph',
  async run({ quick, progress }) {
    const rows: Row[] = []
    for (const [services, calls] of quick ? SIZES.slice(0, 1) : SIZES) {
      const measured = await measure([`${services}`, `${calls}`, quick ? '5' : '40'])
      progress(`${services}/${calls}: ${measured.total_ms.toFixed(1)} ms`)
      rows.push(...rowsOf(`${services}/${calls}`, measured))
    }
    return rows
  },
}

async function measure(args: readonly string[]): Promise<Measured> {
  const child = fork(join(import.meta.dirname, 'main.ts'), args)
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the measured process ended with ${code}`)
  })
  const [message] = await Promise.race([once(child, 'message'), exited])
  exited.catch(() => {})
  return Measured.parse(message)
}

function rowsOf(name: string, measured: Measured): Row[] {
  return Object.entries(measured).map(([measure, value]) => ({
    suite: 'speed',
    case: name,
    subject: 'adf',
    measure,
    value,
  }))
}
