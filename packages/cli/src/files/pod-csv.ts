import { SpanKind } from '@adf/processor'
import { CsvError, parse } from 'csv-parse'
import { FileError } from './file-error.ts'
import { openFile, reason } from './open.ts'
import { type FileSpan, fullId } from './spans.ts'

/** A row of a CSV file by column name, with its line. */
export interface Row {
  readonly line: number
  readonly values: Readonly<Record<string, string>>
}

/** Rows of a CSV file that has at least these columns. */
export async function* csvRows(path: string, columns: readonly string[]): AsyncGenerator<Row> {
  const parser = (await openFile(path))
    .on('error', (error) => parser.destroy(error))
    .pipe(parse({ columns: true, info: true, bom: true, skip_empty_lines: true }))
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: Record<string, string>
      info: { lines: number }
    }>) {
      for (const column of columns)
        if (record[column] === undefined)
          throw new FileError(path, 1, `column ${column} is missing; expected ${columns.join(',')}`)
      yield { line: info.lines, values: record }
    }
  } catch (error) {
    if (error instanceof FileError) throw error
    const line = error instanceof CsvError && typeof error['lines'] === 'number' ? error['lines'] : undefined
    throw new FileError(path, line, reason(error))
  }
}

/** The service of a Kubernetes pod: its name without the hashes of ReplicaSet and pod. */
export function serviceOfPod(pod: string): string {
  return /^(.+)-[a-z0-9]{6,10}-[a-z0-9]{5}$/.exec(pod)?.[1] ?? pod
}

export const POD_SPAN_COLUMNS = [
  'trace_id',
  'span_id',
  'parent_id',
  'pod',
  'operation',
  'start_unix_nano',
  'end_unix_nano',
]

/**
 * Spans of a CSV file without kinds (Nezha's layout). A span whose parent is in another pod is SERVER; a parent becomes
 * CLIENT when that one child is all it has, since a span around a call has nothing else below it. A root is SERVER, other
 * spans INTERNAL. The file is held in memory: a parent may stand anywhere in it.
 */
export async function readPodSpans(path: string): Promise<FileSpan[]> {
  const spans: FileSpan[] = []
  const pods: string[] = []
  const byId = new Map<string, number>()
  for await (const { line, values } of csvRows(path, POD_SPAN_COLUMNS)) {
    const traceId = fullId(values['trace_id'] ?? '', 32)
    const spanId = fullId(values['span_id'] ?? '', 16)
    const parentSpanId = values['parent_id'] ? fullId(values['parent_id'], 16) : ''
    if (traceId === undefined || spanId === undefined || parentSpanId === undefined)
      throw new FileError(
        path,
        line,
        'trace_id, span_id and parent_id must be hex of at most 32 and 16 digits',
      )
    const startMs = nanosAsMs(values['start_unix_nano'])
    const endMs = nanosAsMs(values['end_unix_nano'])
    if (Number.isNaN(startMs) || Number.isNaN(endMs))
      throw new FileError(path, line, 'start_unix_nano and end_unix_nano must be nanoseconds since 1970')
    const pod = values['pod'] ?? ''
    byId.set(traceId + spanId, spans.length)
    pods.push(pod)
    spans.push({
      line,
      resource: { 'service.name': serviceOfPod(pod), 'service.instance.id': pod },
      traceId,
      spanId,
      parentSpanId,
      name: values['operation'] ?? '',
      kind: SpanKind.internal,
      startMs,
      durationMs: endMs - startMs,
    })
  }
  return withKinds(spans, pods, byId)
}

function withKinds(
  spans: readonly FileSpan[],
  pods: readonly string[],
  byId: ReadonlyMap<string, number>,
): FileSpan[] {
  const children = new Uint32Array(spans.length)
  const remote = new Uint32Array(spans.length)
  const kinds = spans.map((span, i) => {
    if (!span.parentSpanId) return SpanKind.server
    const parent = byId.get(span.traceId + span.parentSpanId)
    if (parent === undefined) return SpanKind.internal
    children[parent]!++
    if (pods[parent] === pods[i]) return SpanKind.internal
    remote[parent]!++
    return SpanKind.server
  })
  return spans.map((span, i) => {
    const calls = kinds[i] === SpanKind.internal && remote[i] === 1 && children[i] === 1
    return { ...span, kind: calls ? SpanKind.client : kinds[i]! }
  })
}

/** Nanoseconds in decimal as milliseconds, without going through a double of nanoseconds (256 ns coarse today). */
export function nanosAsMs(text: string | undefined): number {
  if (text === undefined || !/^\d{1,19}$/.test(text)) return Number.NaN
  return Number(text.slice(0, -6)) + Number(text.slice(-6)) / 1e6
}
