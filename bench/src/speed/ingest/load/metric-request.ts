import { type LoadRequest, nanosOf, PatchedRequest } from './patched-request.ts'
import { type Attributes, attributes, INSTANCE, resource, SERVICES, scope } from './services.ts'

const TIME = 0xb6d4e21f_b6d4e21fn
const COUNT = 0x47e5d32f_47e5d32fn
/** Of the semantic conventions, in seconds. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
const CUMULATIVE = 2
/** Begun an hour before 2026: no point is the first after a start. */
const STARTED = '1767222000000000000'

/**
 * Data points as the SDK of a service and a host's agent send them: of a hundred, 30 histograms of served requests, 20 of own
 * requests, 30 gauges and sums of the runtime, 20 sums of the host; some 240 bytes a point. Counters go on with each send.
 */
export class MetricRequest implements LoadRequest {
  readonly message: PatchedRequest
  readonly #times: readonly number[]
  readonly #counts: readonly number[]
  readonly #instances: readonly number[]

  constructor(points: number) {
    const each = points / SERVICES
    const resourceMetrics = Array.from({ length: SERVICES }, (_, service) => ({
      resource: resource(service),
      scopeMetrics: [{ scope: scope('@bench/metrics'), metrics: metricsOf(each) }],
    }))
    this.message = PatchedRequest.of('metrics', { resourceMetrics })
    this.#times = this.message.placesOf64(TIME)
    this.#counts = this.message.placesOf64(COUNT)
    this.#instances = this.message.placesOf(INSTANCE, 'latin1')
  }

  next(counter: number, instance: string, nowMs: number): void {
    this.message.texts(this.#instances, instance)
    this.message.longs(this.#times, ...nanosOf(nowMs))
    this.message.longs(this.#counts, counter >>> 0, 0)
  }
}

function metricsOf(points: number) {
  const share = (percent: number) => Math.round((points * percent) / 100)
  const served = Array.from({ length: share(30) }, (_, i) =>
    histogram({
      'http.request.method': i % 2 === 0 ? 'GET' : 'POST',
      'http.route': `/api/v1/resource-${i >> 2}/{id}`,
      'http.response.status_code': (i & 2) === 0 ? 200 : 404,
      'url.scheme': 'http',
    }),
  )
  const own = Array.from({ length: share(20) }, (_, i) =>
    histogram({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'server.address': `backend-${i}.bench.svc`,
      'server.port': 8080,
    }),
  )
  const runtime = Array.from({ length: share(30) }, (_, i) => ({
    name: `nodejs.runtime.value_${i % 10}`,
    unit: 'By',
    ...(i % 2 === 0
      ? { gauge: { dataPoints: [number({ 'v8js.heap.space.name': `space_${i}` }, { asDouble: 1.5 + i })] } }
      : { sum: sum([number({ 'v8js.gc.type': `type_${i}` }, { asInt: String(COUNT) })]) }),
  }))
  const host = Array.from({ length: points - served.length - own.length - runtime.length }, (_, i) =>
    number({ cpu: `cpu${i >> 2}`, state: ['user', 'system', 'idle', 'wait'][i & 3] ?? '' }, { asDouble: 10 }),
  )
  return [
    { name: 'http.server.request.duration', unit: 's', histogram: sum(served) },
    { name: 'http.client.request.duration', unit: 's', histogram: sum(own) },
    ...runtime,
    { name: 'system.cpu.time', unit: 's', sum: sum(host) },
  ]
}

const sum = (dataPoints: readonly object[]) => ({
  dataPoints,
  aggregationTemporality: CUMULATIVE,
  isMonotonic: true,
})

const number = (values: Attributes, value: { asInt: string } | { asDouble: number }) => ({
  attributes: attributes(values),
  startTimeUnixNano: STARTED,
  timeUnixNano: String(TIME),
  ...value,
})

const histogram = (values: Attributes) => ({
  attributes: attributes(values),
  startTimeUnixNano: STARTED,
  timeUnixNano: String(TIME),
  count: String(COUNT),
  sum: 12.5,
  // all in one bucket, so that buckets and count agree
  bucketCounts: [0, 0, 0, String(COUNT), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  explicitBounds: BOUNDS,
  min: 0.001,
  max: 0.4,
})
