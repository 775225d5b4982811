import { createHash } from 'node:crypto'
import type { ServiceSummary } from '@adf/contract'
import type { Resource } from '../../telemetry/resource.ts'
import type { Collection } from '../metric/metric-source.ts'

type Plain = ServiceSummary['collections'][number]

/** A number of JSON knows neither NaN nor infinity: a missing value is null, and so is the end of the last bucket. */
export const plainCollection = (writer: string, { host, requests, ...times }: Collection): Plain => ({
  writer,
  at: times.timeMs,
  arrived_at: times.arrivalMs,
  interval_ms: times.intervalMs,
  host: Array.from(host, (value) => (Number.isFinite(value) ? value : null)),
  requests:
    requests === undefined
      ? null
      : {
          rate: requests.rate,
          failures: requests.failures,
          buckets: requests.buckets.map(({ low, high, rate }) => [
            Number.isFinite(low) ? low : null,
            Number.isFinite(high) ? high : null,
            rate,
          ]),
        },
})

export const collectionOf = ({ at, arrived_at, interval_ms, host, requests }: Plain): Collection => ({
  timeMs: at,
  arrivalMs: arrived_at,
  intervalMs: interval_ms,
  host: Float64Array.from(host, (value) => value ?? Number.NaN),
  requests:
    requests === null
      ? undefined
      : {
          rate: requests.rate,
          failures: requests.failures,
          buckets: requests.buckets.map(([low, high, rate]) => ({
            low: low ?? Number.NEGATIVE_INFINITY,
            high: high ?? Number.POSITIVE_INFINITY,
            rate,
          })),
        },
})

/** The same for the same attributes, in whatever process. */
export function writerOf({ attributes }: Resource): string {
  const text = JSON.stringify([...attributes].sort(([one], [other]) => (one < other ? -1 : 1)))
  return createHash('sha256').update(text).digest('base64url').slice(0, 16)
}
