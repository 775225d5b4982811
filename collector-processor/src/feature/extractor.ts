import type { Entity } from '@adf/contract'
import type { Registry } from 'prom-client'
import type { FeatureVector } from '../scoring/vector.ts'
import {
  type LogBatch,
  type MetricBatch,
  type SpanBatch,
  SpanKind,
  StatusCode,
  type TelemetrySink,
} from '../telemetry/batch.ts'
import { SERVICE_STREAM } from './builtin-streams.ts'
import { Fit } from './entity-window.ts'
import { Losses } from './losses.ts'
import { ServiceState } from './service-state.ts'
import { StepPool } from './window-step.ts'

/** Durations in milliseconds; `edge` is that part of the configuration. */
export interface ExtractorOptions {
  readonly edge: {
    readonly window: number
    readonly step: number
    readonly interval: number
    readonly max_lateness: number
    readonly stale_after: number
    readonly max_entities: number
  }
  /** `receiver.max_clock_skew` */
  readonly maxClockSkewMs: number
  readonly registry: Registry
}

const POOLED_STEPS = 20_000
const ERROR_SEVERITY = 17

/** Turns telemetry into feature vectors: feed it batches, and call `advance` once per step. */
export class FeatureExtractor implements TelemetrySink {
  readonly #options: ExtractorOptions
  readonly #losses: Losses
  readonly #pool = new StepPool(POOLED_STEPS)
  readonly #services = new Map<string, ServiceState>()
  /** State by request-local resource, valid during one batch; null: refused or not a service. */
  readonly #local: (ServiceState | null | undefined)[] = []

  constructor(options: ExtractorOptions) {
    this.#options = options
    this.#losses = new Losses(options.registry)
  }

  spans(batch: SpanBatch, arrivalMs: number): void {
    const local = this.#local
    local.length = 0
    const { length, resource, kind, startMs, durationMs, status, failed } = batch
    let late = 0
    let future = 0
    for (let row = 0; row < length; row++) {
      const at = resource[row]!
      let service = local[at]
      if (service === undefined) service = this.#service(at, batch.resources[at]?.serviceEntity, arrivalMs)
      if (service === null) continue
      if (kind[row] !== SpanKind.server && kind[row] !== SpanKind.consumer) continue
      const duration = durationMs[row]!
      const fault = status[row] === StatusCode.error || failed[row] === 1
      const fit = service.window.request(startMs[row]! + duration, duration, fault, arrivalMs)
      if (fit === Fit.taken) service.requestsMs = arrivalMs
      else {
        service.missedMs = arrivalMs
        if (fit === Fit.late) late++
        else future++
      }
    }
    for (const service of local) {
      if (!service) continue
      service.spansMs = arrivalMs
      service.window.endBatch(arrivalMs)
    }
    if (late > 0) this.#losses.late.inc({ signal: 'spans', reason: 'late' }, late)
    if (future > 0) this.#losses.late.inc({ signal: 'spans', reason: 'future' }, future)
  }

  metrics(_batch: MetricBatch, _arrivalMs: number): void {}

  logs(batch: LogBatch, arrivalMs: number): void {
    const local = this.#local
    local.length = 0
    let late = 0
    let future = 0
    for (let row = 0; row < batch.length; row++) {
      const at = batch.resource[row]!
      let service = local[at]
      if (service === undefined) service = this.#service(at, batch.resources[at]?.serviceEntity, arrivalMs)
      if (service === null) continue
      // A record may have no time at all: its arrival is the best guess.
      const time = batch.timeMs[row]! || arrivalMs
      const fit = service.window.log(time, batch.severity[row]! >= ERROR_SEVERITY, arrivalMs)
      if (fit === Fit.taken) service.logsMs = arrivalMs
      else {
        service.missedMs = arrivalMs
        if (fit === Fit.late) late++
        else future++
      }
    }
    for (const service of local) service?.window.endBatch(arrivalMs)
    if (late > 0) this.#losses.late.inc({ signal: 'logs', reason: 'late' }, late)
    if (future > 0) this.#losses.late.inc({ signal: 'logs', reason: 'future' }, future)
  }

  /** Evaluates every window that is due at `nowMs` and forgets who was silent for too long. Call it once per step. */
  advance(nowMs: number, emit: (vector: FeatureVector) => void): void {
    for (const [id, service] of this.#services) {
      const evaluated = service.evaluate(nowMs)
      if (evaluated !== undefined) emit({ stream: SERVICE_STREAM, entity: service.entity, ...evaluated })
      if (nowMs - service.seenMs > this.#options.edge.stale_after) {
        service.window.close()
        this.#services.delete(id)
      }
    }
  }

  #service(at: number, entity: Entity | undefined, arrivalMs: number): ServiceState | null {
    let service = entity === undefined ? null : this.#services.get(entity.id)
    if (service === undefined && entity !== undefined) {
      if (this.#services.size >= this.#options.edge.max_entities) {
        this.#losses.entities.inc({ kind: 'service' })
        service = null
      } else {
        service = new ServiceState(entity, this.#windowOptions, this.#pool, arrivalMs)
        this.#services.set(entity.id, service)
      }
    }
    if (service) service.seenMs = arrivalMs
    this.#local[at] = service ?? null
    return service ?? null
  }

  get #windowOptions() {
    const { edge, maxClockSkewMs } = this.#options
    return {
      stepMs: edge.step,
      steps: Math.max(1, Math.round(edge.window / edge.step)),
      maxLatenessMs: edge.max_lateness,
      maxSkewMs: maxClockSkewMs,
      staleMs: edge.stale_after,
    }
  }
}
