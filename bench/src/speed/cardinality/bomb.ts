import { encodeJsonRequest } from '@adf/processor'

/** Names in one request. */
export const NAMES = 500
export const KINDS = ['services', 'routes', 'labels'] as const
export type Kind = (typeof KINDS)[number]

/** A request with 500 names of a kind that never came before: the `n`th of its kind. */
export function bombRequest(
  kind: Kind,
  n: number,
  nowMs: number,
): { signal: 'traces' | 'metrics'; body: Uint8Array } {
  const names = Array.from({ length: NAMES }, (_, i) => n * NAMES + i)
  if (kind === 'labels')
    return { signal: 'metrics', body: encodeJsonRequest('metrics', points(names, nowMs)) }
  const spans = kind === 'services' ? services(names, nowMs) : routes(names, nowMs)
  return { signal: 'traces', body: encodeJsonRequest('traces', { resourceSpans: spans }) }
}

const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } })
const nano = (ms: number) => `${Math.round(ms)}000000`
const hex = (n: number, digits: number) => n.toString(16).padStart(digits, '0')

/** One request served by each service; a quarter of a trace each. */
const services = (names: readonly number[], nowMs: number) =>
  names.map((name) => ({
    resource: {
      attributes: [
        attribute('service.name', `bomb-${name}`),
        attribute('service.instance.id', `bomb-${name}-0`),
      ],
    },
    scopeSpans: [{ spans: [span('a', name, nowMs, 'GET /', 2)] }],
  }))

/** Of one service, as a framework that puts ids into names of spans. */
const routes = (names: readonly number[], nowMs: number) => [
  {
    resource: { attributes: [attribute('service.name', 'routes')] },
    scopeSpans: [{ spans: names.map((name) => span('b', name, nowMs, `GET /orders/${hex(name, 12)}`, 2)) }],
  },
]

const span = (trace: string, name: number, nowMs: number, operation: string, kind: number) => ({
  traceId: hex(name + 1, 32).replace(/^0/, trace),
  spanId: hex(name + 1, 16),
  name: operation,
  kind,
  startTimeUnixNano: nano(nowMs - 20),
  endTimeUnixNano: nano(nowMs),
})

/** Of a metric that is read, as a label with an id of a user. */
const points = (names: readonly number[], nowMs: number) => ({
  resourceMetrics: [
    {
      resource: { attributes: [attribute('service.name', 'labels'), attribute('host.name', 'labels')] },
      scopeMetrics: [
        {
          metrics: [
            {
              name: 'system.network.io',
              sum: {
                aggregationTemporality: 2,
                isMonotonic: true,
                dataPoints: names.map((name) => ({
                  startTimeUnixNano: nano(nowMs - 60_000),
                  timeUnixNano: nano(nowMs),
                  asInt: String(name),
                  attributes: [attribute('device', `veth${name}`), attribute('direction', 'transmit')],
                })),
              },
            },
          ],
        },
      ],
    },
  ],
})
