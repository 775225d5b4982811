import type { Graph } from '@adf/contract'
import type { Command } from 'commander'
import { FileGraph } from '../files/graph-of-spans.ts'
import { traceFile } from '../files/trace-file.ts'
import { UsageError } from '../output/failure.ts'
import { writeAnswer } from '../output/write.ts'
import { globalOptions } from '../program/options.ts'

/** `adf graph`: the causal graph of trace files. */
export function register(program: Command): void {
  program
    .command('graph')
    .description('show the causal graph of trace files')
    .argument('<file...>', 'OTLP JSON lines, Jaeger JSON lines or CSV of spans; gzipped or not')
    .action(async (files: string[], _options: unknown, command: Command) => {
      const graph = new FileGraph()
      for (const file of files) for await (const spans of traceFile(file)) graph.add(spans)
      if (graph.endMs === Number.NEGATIVE_INFINITY) throw new UsageError(`no spans in ${files.join(', ')}`)
      graph.finish()
      const snapshot = graph.graph.snapshot(graph.endMs)
      writeAnswer(globalOptions(command).json, snapshot, () => table(snapshot))
    })
}

function table({ nodes, edges }: Graph): string {
  const head = ['client', 'server', 'kind', 'calls', 'failed', 'p50 ms', 'p95 ms', 'gap ms']
  const rows = edges
    .toSorted((a, b) => compare(a.client, b.client) || compare(a.server, b.server))
    .map((edge) => {
      const latency = edge.server_latency ?? edge.client_latency
      return [
        edge.client,
        edge.server,
        edge.connection,
        String(edge.calls),
        String(edge.failures),
        figure(latency?.p50),
        figure(latency?.p95),
        figure(edge.gap_ms),
      ]
    })
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i < 3 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')
  const services = nodes.filter((node) => node.kind === 'service').length
  const summary = `${services} services, ${nodes.length - services} virtual nodes, ${edges.length} edges`
  return [line(head), ...rows.map(line), '', summary].join('\n')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function figure(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '-' : ms < 10 ? ms.toFixed(2) : ms.toFixed(0)
}
