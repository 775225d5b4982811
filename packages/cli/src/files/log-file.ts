import type { PlainLog } from '@adf/processor'
import { FileError } from './file-error.ts'
import { lines } from './open.ts'
import { otlpLine } from './otlp-json.ts'
import { csvRows, nanosAsMs, serviceOfPod } from './pod-csv.ts'
import { isCsv } from './sample-file.ts'
import { fullId } from './spans.ts'
import { parseJson } from './trace-file.ts'

/** Records handed on at once. */
const PIECE = 65_536
/** OTLP severity numbers of INFO and ERROR. */
const [INFO, ERROR] = [9, 17]

/**
 * Log records of a file, a piece at a time: OTLP JSON lines, or CSV with one row per record and at least the columns
 * time_unix_nano, pod and body, and trace_id and span_id if it has them; gzipped or not.
 */
export async function* logFile(path: string): AsyncGenerator<readonly PlainLog[]> {
  let piece: PlainLog[] = []
  for await (const records of (await isCsv(path)) ? podRecords(path) : otlpRecords(path)) {
    for (const record of records) piece.push(record)
    if (piece.length < PIECE) continue
    yield piece
    piece = []
  }
  if (piece.length > 0) yield piece
}

async function* otlpRecords(path: string): AsyncGenerator<readonly PlainLog[]> {
  for await (const { text, line } of lines(path))
    yield otlpLine(parseJson(text, path, line, 'expected OTLP JSON lines'), path, line).logs
}

async function* podRecords(path: string): AsyncGenerator<readonly PlainLog[]> {
  for await (const { line, values } of csvRows(path, ['time_unix_nano', 'pod', 'body'])) {
    const timeMs = nanosAsMs(values['time_unix_nano'])
    if (!(timeMs > 0)) throw new FileError(path, line, 'time_unix_nano must be nanoseconds since 1970')
    const pod = values['pod'] ?? ''
    const body = values['body'] ?? ''
    const traceId = fullId(values['trace_id'] ?? '', 32)
    const spanId = fullId(values['span_id'] ?? '', 16)
    const failed = /"?severity"?\s*[:=]\s*"?(error|fatal|critical)/i.test(body)
    yield [
      {
        resource: { 'service.name': serviceOfPod(pod), 'service.instance.id': pod },
        timeMs,
        severity: failed ? ERROR : INFO,
        body,
        ...(traceId === undefined ? {} : { traceId }),
        ...(spanId === undefined ? {} : { spanId }),
      },
    ]
  }
}
