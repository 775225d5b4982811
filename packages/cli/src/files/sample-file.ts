import type { PlainLog, PlainPoint, Sample } from '@adf/processor'
import { FileError } from './file-error.ts'
import { lines } from './open.ts'
import { otlpLine } from './otlp-json.ts'
import { csvRows, serviceOfPod } from './pod-csv.ts'
import { parseJson } from './trace-file.ts'

/** Columns of a pod's file that speak of its machine or name the row. */
const NOT_THE_PODS = /^(Node|Time$|TimeStamp$|PodName$)/

/** Samples of a metrics file: OTLP JSON lines (gauges and plain sums), or CSV with one row per pod and minute. */
export async function metricSamples(path: string): Promise<Sample[]> {
  return (await isCsv(path))
    ? podSamples(path)
    : otlpSamples(path, ({ points }) => points.flatMap(pointSample))
}

export async function isCsv(path: string): Promise<boolean> {
  for await (const { text } of lines(path)) return !text.startsWith('{')
  return false
}

/** Files of another shape in the same folder (no pod, no time) give nothing. */
async function podSamples(path: string): Promise<Sample[]> {
  const samples: Sample[] = []
  for await (const { line, values } of csvRows(path, ['TimeStamp', 'PodName'])) {
    const timeMs = Number(values['TimeStamp']) * 1000
    if (!(timeMs > 0)) throw new FileError(path, line, 'TimeStamp must be seconds since 1970')
    for (const [feature, text] of Object.entries(values)) {
      const value = text === '' ? Number.NaN : Number(text)
      if (!NOT_THE_PODS.test(feature) && Number.isFinite(value))
        samples.push({ service: serviceOfPod(values['PodName'] ?? ''), feature, unit: '', timeMs, value })
    }
  }
  return samples
}

async function otlpSamples(
  path: string,
  pick: (line: ReturnType<typeof otlpLine>) => Sample[],
): Promise<Sample[]> {
  const samples: Sample[] = []
  for await (const { text, line } of lines(path))
    samples.push(...pick(otlpLine(parseJson(text, path, line, 'expected OTLP JSON lines'), path, line)))
  return samples
}

/** A monotonic sum says nothing by its level. */
function pointSample(point: PlainPoint): Sample[] {
  const service = serviceOf(point)
  if (point.monotonic === true || point.value === undefined || service === '') return []
  const attributes = Object.values(point.attributes ?? {}).map(String)
  const feature = [point.name, ...attributes].join(' ')
  return [{ service, feature, unit: point.unit ?? '', timeMs: point.timeMs, value: point.value }]
}

export function serviceOf({ resource }: Pick<PlainPoint | PlainLog, 'resource'>): string {
  const namespace = resource['service.namespace']
  const name = String(resource['service.name'] ?? '')
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`
}
