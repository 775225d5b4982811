import { FileError } from '../../files/file-error.ts'
import { csvRows, serviceOfPod } from '../../files/pod-csv.ts'
import { byTime, type Recorded, type Recording } from '../record.ts'

export const POD_METRIC_COLUMNS = ['TimeStamp', 'PodName']
export const POD_LOG_COLUMNS = ['time_unix_nano', 'pod', 'body']

const MINUTE_MS = 60_000
const CUMULATIVE = 2
const INFO = 9
const ERROR = 17
/** Severity in the body itself: the files have no field for it. */
const ERROR_IN_BODY = /"?(severity|level)"?\s*[:=]\s*"?(error|fatal|critical)/i

type Resource = Readonly<Record<string, string>>

/**
 * One row per pod and minute. What maps to a feature becomes the OpenTelemetry metric that the feature is made of:
 * CpuUsageRate(%) -> system.cpu.utilization, MemoryUsageRate(%) -> system.memory.utilization, NetworkReceiveBytes and
 * NetworkTransmitBytes (bytes per second) -> system.network.io. The rest is left out: request rate and latency come from the
 * spans, columns of the node speak of a machine that many pods share, PodSuccessRate(%) is 0 throughout.
 */
export function podMetricRecording(path: string, fromMs: number, bytes: number): Recording {
  return {
    path,
    format: 'CSV of pod metrics',
    bytes,
    fromMs,
    signals: new Set(['metrics']),
    read: (passed) => read(path, passed, bytes, POD_METRIC_COLUMNS, (add) => metricsOf(path, add)),
  }
}

/** One row per log record. */
export function podLogRecording(path: string, fromMs: number, bytes: number): Recording {
  return {
    path,
    format: 'CSV of pod logs',
    bytes,
    fromMs,
    signals: new Set(['logs']),
    read: (passed) => read(path, passed, bytes, POD_LOG_COLUMNS, (add) => logsOf(path, add)),
  }
}

type Add = (record: Recorded) => void
type ReadRow = (values: Readonly<Record<string, string>>, line: number) => void

async function* read(
  path: string,
  passed: (bytes: number) => void,
  bytes: number,
  columns: readonly string[],
  reader: (add: Add) => ReadRow,
): AsyncGenerator<readonly Recorded[]> {
  const records: Recorded[] = []
  const readRow = reader((record) => records.push(record))
  for await (const { line, values } of csvRows(path, columns)) readRow(values, line)
  passed(bytes)
  yield records.sort(byTime)
}

function metricsOf(path: string, add: Add): ReadRow {
  const bytesBy = new Map<string, number>()
  return (values, line) => {
    const timeMs = Number(values['TimeStamp']) * 1000
    if (!(timeMs > 0)) throw new FileError(path, line, 'TimeStamp must be seconds since 1970')
    const resource = resourceOf(values['PodName'] ?? '')
    const gauge = (name: string, attributes: Resource, value: number) => {
      if (Number.isFinite(value))
        add({
          kind: 'point',
          timeMs,
          point: { resource, name, kind: 'gauge', unit: '1', timeMs, attributes, value },
        })
    }
    gauge('system.cpu.utilization', { 'cpu.mode': 'idle' }, 1 - figure(values['CpuUsageRate(%)']) / 100)
    gauge(
      'system.memory.utilization',
      { 'system.memory.state': 'used' },
      figure(values['MemoryUsageRate(%)']) / 100,
    )
    for (const direction of ['receive', 'transmit'] as const) {
      const rate = figure(values[direction === 'receive' ? 'NetworkReceiveBytes' : 'NetworkTransmitBytes'])
      if (!(rate >= 0)) continue
      const key = `${values['PodName']} ${direction}`
      const value = (bytesBy.get(key) ?? 0) + (rate * MINUTE_MS) / 1000
      bytesBy.set(key, value)
      add({
        kind: 'point',
        timeMs,
        point: {
          resource,
          name: 'system.network.io',
          kind: 'sum',
          unit: 'By',
          temporality: CUMULATIVE,
          monotonic: true,
          timeMs,
          attributes: { 'network.io.direction': direction },
          value,
        },
      })
    }
  }
}

function logsOf(path: string, add: Add): ReadRow {
  return (values, line) => {
    const timeMs = Number(values['time_unix_nano']) / 1e6
    if (!(timeMs > 0)) throw new FileError(path, line, 'time_unix_nano must be nanoseconds since 1970')
    const body = values['body'] ?? ''
    const severity = ERROR_IN_BODY.test(body) ? ERROR : INFO
    const { trace_id: traceId = '', span_id: spanId = '' } = values
    const ids = /^[0-9a-f]{32}$/.test(traceId) && /^[0-9a-f]{16}$/.test(spanId) ? { traceId, spanId } : {}
    add({
      kind: 'log',
      timeMs,
      log: { resource: resourceOf(values['pod'] ?? ''), timeMs, severity, body, ...ids },
    })
  }
}

const resourceOf = (pod: string): Resource => ({
  'service.name': serviceOfPod(pod),
  'service.instance.id': pod,
})

const figure = (text: string | undefined) => (text === undefined || text === '' ? Number.NaN : Number(text))
