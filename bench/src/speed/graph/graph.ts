import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { z } from 'zod'
import type { Benchmark, Row } from '../../suite.ts'
import { SHAPES } from './traffic.ts'

/** Spans a second that the graph's clock sees: they set how many wait in a pairing window. */
const RATES = [100_000, 300_000]

const Measured = z.object({ ns_per_span: z.number(), rss_mb: z.number() })

/** CPU time of the causal graph alone, and what it adds to the memory of its process; medians of turns taken by the cases. */
export const causalGraph: Benchmark = {
  suite: 'speed',
  name: 'graph',
  describe:
    'the causal graph alone: CPU time a span and memory, both ends of a call in one request or in several',
  run: async ({ quick, progress }) => {
    const rounds = quick ? 1 : 3
    const results = new Map<string, z.infer<typeof Measured>[]>()
    for (let round = 1; round <= rounds; round++) {
      for (const shape of SHAPES) {
        for (const rate of RATES) {
          const name = `graph-${shape}/${rate}`
          const measured = await measure([shape, `${rate}`, quick ? '1' : '5'])
          progress(`round ${round}/${rounds} ${name}: ${Math.round(measured.ns_per_span)} ns a span`)
          results.set(name, [...(results.get(name) ?? []), measured])
        }
      }
    }
    return [...results].flatMap(([name, runs]) => rowsOf(name, runs))
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

function rowsOf(name: string, runs: readonly z.infer<typeof Measured>[]): Row[] {
  return (['ns_per_span', 'rss_mb'] as const).map((measure) => {
    const values = runs.map((run) => run[measure]).toSorted((a, b) => a - b)
    return {
      suite: 'speed',
      case: name,
      subject: 'adf',
      measure,
      value: values[values.length >> 1] ?? Number.NaN,
    }
  })
}
