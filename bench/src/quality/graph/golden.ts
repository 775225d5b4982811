import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { FileGraph, type FileSpan, traceFile } from '@adf/cli'
import { Missing, type Row } from '../../suite.ts'

export interface Golden {
  readonly spans: number
  readonly services: number
  readonly edges: number
  /** On each edge. */
  readonly calls: number
}

/** Published call graphs of TraceWeaver's applications (SIGCOMM 2024): services, and calls on each edge. */
export const GOLDEN: Readonly<Record<string, Golden>> = {
  hotel_reservation: { spans: 11_000, services: 6, edges: 5, calls: 1000 },
  media_microservices: { spans: 27_000, services: 10, edges: 13, calls: 1000 },
  nodejs_microservices: { spans: 6000, services: 6, edges: 5, calls: 1000 },
}

export async function spansOf(folder: string, name: string): Promise<FileSpan[]> {
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

/** The graph that these requests make. */
export function learn(requests: Iterable<readonly FileSpan[]>) {
  // the capture lasts longer than a pairing window and is handed over in any order: everything waits for everything
  const learned = new FileGraph({ pairing_window: 30 * 86_400_000 })
  for (const spans of requests) learned.add(spans)
  return learned.graph.snapshot(learned.endMs)
}

export function row(name: string, measure: string, value: number): Row {
  return { suite: 'quality', case: name, subject: 'adf', measure, value }
}
