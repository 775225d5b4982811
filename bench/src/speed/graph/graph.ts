import { z } from 'zod'
import type { Benchmark, Row } from '../../suite.ts'
import { measuredBy, median } from '../measured-process.ts'
import { SHAPES } from './traffic.ts'

/** Spans a second that the graph's clock sees: they set how many wait in a pairing window. */
const RATES = [100_000, 300_000]

/** Nodes and edges of the graphs whose memory is measured; the last are the default bounds. */
const SIZES = [
  [100, 1000],
  [1000, 10_000],
  [10_000, 100_000],
] as const

const MAIN = new URL('main.ts', import.meta.url)
const MEMORY = new URL('memory/main.ts', import.meta.url)
const Measured = z.object({ ns_per_span: z.number(), rss_mb: z.number() })
/** `memory_mb`: what objects and arrays hold after a collection; `rss_mb`: what the process grew by. */
const Held = z.object({ memory_mb: z.number(), rss_mb: z.number() })

/** CPU time of the causal graph alone, and what it adds to the memory of its process; medians of turns taken by the cases; and what graphs of several sizes hold. */
export const causalGraph: Benchmark = {
  suite: 'speed',
  name: 'graph',
  describe:
    'the causal graph alone: CPU time a span, both ends of a call in one request or in several; memory by its size',
  run: async ({ quick, progress }) => {
    const rounds = quick ? 1 : 3
    const results = new Map<string, z.infer<typeof Measured>[]>()
    for (let round = 1; round <= rounds; round++) {
      for (const shape of SHAPES) {
        for (const rate of quick ? RATES.slice(0, 1) : RATES) {
          const name = `graph-${shape}/${rate}`
          const args = [shape, `${rate}`, quick ? '0.1' : '5']
          const measured = Measured.parse(await measuredBy(MAIN, args))
          progress(`round ${round}/${rounds} ${name}: ${Math.round(measured.ns_per_span)} ns a span`)
          results.set(name, [...(results.get(name) ?? []), measured])
        }
      }
    }
    const rows = [...results].flatMap(([name, runs]) => rowsOf(name, runs))
    for (const [nodes, edges] of quick ? SIZES.slice(0, 1) : SIZES) {
      const held = Held.parse(await measuredBy(MEMORY, [`${nodes}`, `${edges}`]))
      progress(`${nodes} nodes, ${edges} edges: ${Math.round(held.memory_mb)} MB`)
      const name = `graph-size/${nodes}/${edges}`
      rows.push(...(['memory_mb', 'rss_mb'] as const).map((measure) => row(name, measure, held[measure])))
    }
    return rows
  },
}

function rowsOf(name: string, runs: readonly z.infer<typeof Measured>[]): Row[] {
  return (['ns_per_span', 'rss_mb'] as const).map((measure) => {
    return row(name, measure, median(runs.map((run) => run[measure])))
  })
}

function row(name: string, measure: string, value: number): Row {
  return { suite: 'speed', case: name, subject: 'adf', measure, value }
}
