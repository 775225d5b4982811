import { encodeJsonRequest, JsonError } from '@adf/processor'
import { FileError } from '../../files/file-error.ts'
import { lines } from '../../files/open.ts'
import { parseJson } from '../../files/trace-file.ts'
import { byTime, type Recorded, type RecordedSignal, type Recording } from '../record.ts'

/** Lines that are held to bring them into order: exporters with several senders swap neighbours. */
const REORDERED = 256

type Request = Extract<Recorded, { kind: 'request' }>
type Json = Readonly<Record<string, unknown>>

const REQUESTS = [
  {
    signal: 'traces',
    recorded: 'spans',
    path: ['resourceSpans', 'scopeSpans', 'spans'],
    times: ['endTimeUnixNano'],
  },
  {
    signal: 'metrics',
    recorded: 'metrics',
    path: ['resourceMetrics', 'scopeMetrics', 'metrics'],
    times: ['timeUnixNano'],
  },
  {
    signal: 'logs',
    recorded: 'logs',
    path: ['resourceLogs', 'scopeLogs', 'logRecords'],
    times: ['timeUnixNano', 'observedTimeUnixNano'],
  },
] as const
const DATA = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary']

export const isOtlp = (json: unknown): boolean =>
  isObject(json) && REQUESTS.some(({ path }) => Array.isArray(json[path[0]]))

/** Lines as the collector's file exporter writes them: one export request each, played whole, at the time of its latest record. */
export function otlpRecording(
  path: string,
  first: { json: unknown; line: number },
  bytes: number,
): Recording | undefined {
  const signals = new Set<RecordedSignal>()
  const [begin] = requestsOf(first.json, path, first.line, signals)
  return begin && { path, format: 'OTLP JSON lines', bytes, fromMs: begin.timeMs, signals, read }

  async function* read(passed: (bytes: number) => void): AsyncGenerator<readonly Recorded[]> {
    const waiting: Request[] = []
    for await (const { text, line } of lines(path)) {
      passed(Buffer.byteLength(text) + 1)
      const json = parseJson(text, path, line, 'expected OTLP JSON lines')
      if (!isOtlp(json))
        throw new FileError(
          path,
          line,
          'no OTLP JSON: expected resourceSpans, resourceMetrics or resourceLogs',
        )
      for (const request of requestsOf(json, path, line, signals)) insert(waiting, request)
      if (waiting.length >= REORDERED) yield waiting.splice(0, REORDERED / 2)
    }
    yield waiting
  }
}

function insert(sorted: Request[], request: Request): void {
  const at = sorted.findLastIndex(({ timeMs }) => timeMs <= request.timeMs)
  sorted.splice(at + 1, 0, request)
}

/** A request without any time says nothing that could be played. */
function requestsOf(json: unknown, path: string, line: number, signals: Set<RecordedSignal>): Request[] {
  if (!isObject(json)) return []
  const requests: Request[] = []
  for (const { signal, recorded, path: levels, times } of REQUESTS) {
    if (json[levels[0]] === undefined) continue
    const timeMs = latest(json, levels, times)
    if (!(timeMs > 0)) continue
    signals.add(recorded)
    requests.push({ kind: 'request', signal, timeMs, line, protobuf: encode(signal, json, path, line) })
  }
  return requests.sort(byTime)
}

function encode(signal: Request['signal'], json: Json, path: string, line: number): Uint8Array {
  try {
    return encodeJsonRequest(signal, json)
  } catch (error) {
    if (error instanceof JsonError) throw new FileError(path, line, `no OTLP JSON: ${error.message}`)
    throw error
  }
}

/** The latest time in a request, ms; 0 without any. */
function latest(json: Json, levels: readonly string[], times: readonly string[]): number {
  let items: readonly Json[] = [json]
  for (const level of levels) items = items.flatMap((item) => objects(item[level]))
  if (levels.at(-1) === 'metrics')
    items = items.flatMap((metric) =>
      DATA.flatMap((kind) => (isObject(metric[kind]) ? objects(metric[kind]['dataPoints']) : [])),
    )
  let nanos = 0
  for (const item of items)
    nanos = Math.max(nanos, times.map((time) => Number(item[time] ?? 0)).find((value) => value > 0) ?? 0)
  return nanos / 1e6
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : [])
