import { z } from 'zod'
import type { Benchmark, Row } from '../../suite.ts'
import { measuredBy } from '../measured-process.ts'

/** Services and calls between them. */
const SIZES = [
  [100, 1000],
  [1000, 10_000],
  [10_000, 100_000],
] as const

const MAIN = new URL('main.ts', import.meta.url)
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
      const args = [`${services}`, `${calls}`, quick ? '5' : '40']
      const measured = Measured.parse(await measuredBy(MAIN, args))
      progress(`${services}/${calls}: ${measured.total_ms.toFixed(1)} ms`)
      rows.push(...rowsOf(`${services}/${calls}`, measured))
    }
    return rows
  },
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
