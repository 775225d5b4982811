import { join } from 'node:path'
import type { FileSpan } from '@adf/cli'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { Benchmark, Row } from '../suite.ts'
import { GOLDEN, type Golden, learn, row, spansOf } from './graph/golden.ts'
import { lostSpans } from './graph/lost.ts'
import { sampledTraces } from './graph/sampled.ts'

/** Whether the call graphs of TraceWeaver come out exactly, in any order, and what is left of them when spans are lost or sampled. */
export const graph: Benchmark = {
  suite: 'quality',
  name: 'graph',
  describe:
    'golden call graphs of TraceWeaver: exact, also shuffled, split and duplicated; with spans lost, and sampled',
  async run({ data, quick, progress }) {
    const folder = join(data, 'traceweaver')
    const rows: Row[] = []
    for (const [name, golden] of Object.entries(GOLDEN)) {
      const spans = await spansOf(folder, name)
      rows.push(row(`traceweaver/${name}`, 'spans', spans.length))
      for (const [order, parts] of Object.entries({ ordered: [spans], shuffled: disorder(spans) }))
        rows.push(...compare(`traceweaver/${name}:${order}`, parts, golden))
      rows.push(...lostSpans(`traceweaver/${name}`, spans, golden))
      rows.push(...sampledTraces(`traceweaver/${name}`, spans, quick))
      progress(`${name} is done`)
    }
    return rows
  },
}

/** Shuffled (Fisher and Yates), a tenth of the spans repeated, and all of it split into requests of 500 spans. */
function disorder(spans: readonly FileSpan[]): FileSpan[][] {
  const generator = xoroshiro128plus(4)
  const all = [...spans, ...spans.filter((_, i) => i % 10 === 0)]
  for (let i = all.length - 1; i > 0; i--) {
    const j = uniformInt(generator, 0, i)
    const moved = all[i]
    const other = all[j]
    if (moved === undefined || other === undefined) continue
    all[i] = other
    all[j] = moved
  }
  return Array.from({ length: Math.ceil(all.length / 500) }, (_, i) => all.slice(i * 500, (i + 1) * 500))
}

function compare(name: string, requests: readonly (readonly FileSpan[])[], golden: Golden): Row[] {
  const { nodes, edges } = learn(requests)
  const calls = edges.filter(({ connection }) => connection === 'call')
  const services = nodes.filter(({ kind }) => kind === 'service')
  const exact = calls.filter((edge) => edge.calls === golden.calls).length
  return [
    row(name, 'services', services.length),
    row(name, 'edges', calls.length),
    row(name, 'edges_exact', calls.length === golden.edges ? exact / golden.edges : 0),
    row(
      name,
      'graph_exact',
      Number(services.length === golden.services && calls.length === golden.edges && exact === golden.edges),
    ),
  ]
}
