import { Registry } from 'prom-client'
import type { OutgoingAlert, Store } from '../../store/store.ts'
import { MetricBatchBuilder, type PlainPoint } from '../../telemetry/metric-builder.ts'
import { SpanBatchBuilder } from '../../telemetry/span-builder.ts'
import { createTables } from '../../telemetry/tables.ts'
import { SloEngine, type SloOptions } from '../engine.ts'
import type { Objective } from '../objective.ts'
import { THIRTY_DAYS } from '../period.ts'

export const MINUTE = 60_000
export const HOUR = 3_600_000
/** A full hour. */
export const T0 = 1_800_000_000_000

const SERVER = 2
const ERROR = 2
export const DELTA = 1
export const CUMULATIVE = 2

export const objective = (more: Partial<Objective> = {}): Objective => ({
  name: 'checkout-availability',
  displayName: null,
  service: 'checkout',
  indicator: { kind: 'availability' },
  target: 0.999,
  period: THIRTY_DAYS,
  origin: 'document',
  ...more,
})

export interface Requests {
  readonly count: number
  readonly failed?: number
  readonly service?: string
  readonly instance?: string
  readonly durationMs?: number
  /** `tracestate` of all of them. */
  readonly traceState?: string
}

/** An engine on a clock that stands still until it is set, and telemetry to feed it. What it raises is kept. */
export function rig(store: Store, options: Partial<SloOptions> = {}, startMs = T0) {
  const registry = new Registry()
  const tables = createTables({ max_strings: 1000, max_resources: 1000, max_services: 1000 }, registry)
  let nowMs = startMs
  const raised: OutgoingAlert[] = []
  const ended: { id: string; endsMs: number }[] = []
  const silent = () => {}
  const engine = new SloEngine(
    {
      objectives: [objective()],
      defaults: { objective: 0.99, services: {} },
      maxServices: 10,
      maxSeries: 100,
      saveIntervalMs: 10_000,
      alerts: 'named',
      ...options,
    },
    {
      store: store.slo,
      outbox: store.outbox,
      sink: {
        raise: (alert) => raised.push(alert),
        end: (id, endsMs) => ended.push({ id, endsMs }),
      },
      registry,
      clock: () => nowMs,
      log: { info: silent, warn: silent, error: silent },
    },
  )
  // One for all batches, as the receiver has it: nothing that is kept may lie in a batch.
  const points = new MetricBatchBuilder(tables)
  let spans = 0
  const resource = ({ service = 'checkout', instance = 'a' }: Pick<Requests, 'service' | 'instance'>) => ({
    'service.name': service,
    'service.instance.id': instance,
  })
  const status = (name = 'checkout-availability') =>
    engine.report().objectives.find((each) => each.name === name)
  return {
    engine,
    registry,
    raised,
    ended,
    status,
    counts: (window = '1h', name?: string) => {
      const found = status(name)?.windows.find((each) => each.window === window)
      return [found?.total, found?.good]
    },
    at(ms: number) {
      nowMs = ms
    },
    /** Requests that ended at `endMs`, told by spans that arrive at `arrivalMs`. */
    spans(endMs: number, requests: Requests, arrivalMs = endMs) {
      const { count, failed = 0, durationMs = 10, traceState } = requests
      const builder = new SpanBatchBuilder(tables)
      for (let i = 0; i < count; i++) {
        builder.add({
          resource: resource(requests),
          traceId: (++spans).toString(16).padStart(32, '0'),
          spanId: spans.toString(16).padStart(16, '0'),
          name: 'GET /',
          kind: SERVER,
          startMs: endMs - durationMs,
          durationMs,
          ...(traceState !== undefined && { traceState }),
          ...(i < failed && { status: ERROR }),
        })
      }
      nowMs = Math.max(nowMs, arrivalMs)
      engine.spans(builder.batch, arrivalMs)
    },
    /** Points of `http.server.request.duration`, unless they name another metric. */
    metrics(arrivalMs: number, told: readonly (Partial<PlainPoint> & Pick<PlainPoint, 'timeMs'>)[]) {
      points.reset()
      for (const point of told)
        points.add({
          resource: resource({}),
          name: 'http.server.request.duration',
          unit: 's',
          kind: 'histogram',
          temporality: CUMULATIVE,
          bounds: [0.1, 0.25, 0.5],
          ...point,
        })
      nowMs = Math.max(nowMs, arrivalMs)
      engine.metrics(points.batch, arrivalMs)
    },
    uncounted: async (reason: string) => {
      const metric = await registry.getSingleMetric('adf_slo_uncounted_total')?.get()
      return metric?.values.find(({ labels }) => labels['reason'] === reason)?.value ?? 0
    },
  }
}
