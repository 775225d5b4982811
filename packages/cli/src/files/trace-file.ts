import { FileError } from './file-error.ts'
import { jaegerSpans } from './jaeger.ts'
import { lines, reason } from './open.ts'
import { otlpLine } from './otlp-json.ts'
import { POD_SPAN_COLUMNS, readPodSpans } from './pod-csv.ts'
import type { FileSpan } from './spans.ts'

const FORMATS = `expected OTLP JSON lines, Jaeger JSON lines, or CSV with the columns ${POD_SPAN_COLUMNS.join(',')}`

/** Spans of a file, a piece at a time, in whichever of the known formats it is; gzipped or not. */
export async function* traceFile(path: string): AsyncGenerator<readonly FileSpan[]> {
  for await (const { text, line } of lines(path)) {
    if (line === 1 && text.startsWith('trace_id,')) {
      yield await readPodSpans(path)
      return
    }
    const json = parseJson(text, path, line, FORMATS)
    yield isJaeger(json)
      ? jaegerSpans(json, path, line)
      : otlpLine(json, path, line).spans.map((span) => ({ ...span, line }))
  }
}

export function parseJson(text: string, path: string, line: number, expected: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new FileError(path, line, `${reason(error)}; ${expected}`)
  }
}

function isJaeger(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'data' in json
}
