import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { FileGraph, type FileSpan, traceFile } from '@adf/cli'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { type Benchmark, Missing, type Row } from '../suite.ts'

/** Published call graphs of TraceWeaver's applications (SIGCOMM 2024): services, and calls on each edge. */
const GOLDEN: Readonly<Record<string, { spans: number; services: number; edges: number; calls: number }>> = {
  hotel_reservation: { spans: 11_000, services: 6, edges: 5, calls: 1000 },
  media_microservices: { spans: 27_000, services: 10, edges: 13, calls: 1000 },
  nodejs_microservices: { spans: 6000, services: 6, edges: 5, calls: 1000 },
}

/** Whether the call graphs of TraceWeaver come out exactly, in order and with the spans shuffled, split and repeated. */
export const graph: Benchmark = {
  suite: 'quality',
  name: 'graph',
  describe: 'golden call graphs of TraceWeaver: edges and calls exact, also shuffled, split and duplicated',
  async run({ data }) {
    const folder = join(data, 'traceweaver')
    const rows: Row[] = []
    for (const [name, golden] of Object.entries(GOLDEN)) {
      const spans = await spansOf(folder, name)
      rows.push(row(`traceweaver/${name}`, 'spans', spans.length))
      for (const [order, parts] of Object.entries({ ordered: [spans], shuffled: disorder(spans) }))
        rows.push(...compare(`traceweaver/${name}:${order}`, parts, golden))
    }
    return rows
  },
}

async function spansOf(folder: string, name: string): Promise<FileSpan[]> {
  let files: string[] = []
  try {
    files = readdirSync(folder).filter((file) => file.startsWith(`${name}.`))
  } catch {
    // said below
  }
  const [file] = files
  if (file === undefined)
    throw new Missing(
      `no ${name}.* under ${folder}; name the folder of the data sets with --data or ADF_DATA`,
    )
  const spans: FileSpan[] = []
  for await (const piece of traceFile(join(folder, file))) spans.push(...piece)
  return spans
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

function compare(
  name: string,
  requests: readonly (readonly FileSpan[])[],
  golden: { services: number; edges: number; calls: number },
): Row[] {
  // the capture lasts longer than a pairing window and is handed over in any order: everything waits for everything
  const learned = new FileGraph({ pairing_window: 30 * 86_400_000 })
  for (const spans of requests) learned.add(spans)
  const { nodes, edges } = learned.graph.snapshot(learned.endMs)
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

function row(name: string, measure: string, value: number): Row {
  return { suite: 'quality', case: name, subject: 'adf', measure, value }
}
