import type { Entity, ServiceSummary } from '@adf/contract'
import type { FeatureVector, Origin, StreamSpec } from '../scoring/vector.ts'
import {
  type LogBatch,
  type MetricBatch,
  type SpanBatch,
  SpanKind,
  StatusCode,
  type TelemetrySink,
} from '../telemetry/batch.ts'
import type { Resource } from '../telemetry/resource.ts'
import { ERROR_SEVERITY, HOST_STREAM, SERVICE_STREAM } from './builtin-streams.ts'
import { ChosenStream } from './chosen-stream.ts'
import type { EntityReport } from './entity-report.ts'
import { Fit } from './entity-window.ts'
import { EventIntake } from './event-intake.ts'
import type { EventFields, EventOutcome } from './event-stream.ts'
import { HostState } from './host-state.ts'
import type { LogNovelty, TemplateNames } from './log-novelty.ts'
import { Losses } from './losses.ts'
import { MetricReader, type Row } from './metric/metric-reader.ts'
import type { MetricState } from './metric/metric-state.ts'
import { type ExtractorOptions, hostReport, serviceReport } from './reports.ts'
import { Room } from './room.ts'
import { type ServiceOptions, ServiceState } from './service-state.ts'
import { addSummary } from './summary/add-summary.ts'
import { writerOf } from './summary/collections.ts'
import type { Evaluated } from './vector-queue.ts'
import { StepPool } from './window-step.ts'

/** Vectors of events that are emitted as they come: more of them would hold up the event loop. */
const AT_ONCE = 200
const FORGET_EVERY_MS = 10_000
/** Templates of batches whose logs nobody mines. */
const NEVER_MERGED: TemplateNames = { merges: 0, current: (template) => template }
const MISSED = ['late', 'future', 'full'] as const

/**
 * Turns telemetry into feature vectors. Feed it batches and events as they arrive, and call `advance` once per step: that
 * is when vectors are emitted. `arrivalMs` and `nowMs` are of one clock, which never goes back.
 */
export class FeatureExtractor implements TelemetrySink {
  /** Shared with other extractors, if there are any. */
  readonly room: Room
  readonly #options: ExtractorOptions
  readonly #losses: Losses
  readonly #serviceOptions: ServiceOptions
  readonly #reader = new MetricReader()
  readonly #services = new Map<string, ServiceState>()
  readonly #hosts = new Map<string, HostState>()
  readonly #events: EventIntake
  readonly #chosen: readonly ChosenStream[]
  /** Names of the writers of metrics by the index of their resource, for those who take their collections. */
  readonly #writers = new Map<number, string>()
  /** State by request-local resource, valid during one batch; null: refused, or none. */
  readonly #localServices: (ServiceState | null | undefined)[] = []
  readonly #localHosts: (HostState | null | undefined)[] = []
  /** By Fit, of one batch. */
  readonly #missed = new Uint32Array(4)
  #advancedMs = Number.NEGATIVE_INFINITY
  #forgotMs = Number.NEGATIVE_INFINITY

  constructor(options: ExtractorOptions) {
    this.#options = options
    const { edge, maxClockSkewMs, streams } = options
    this.#losses = options.together?.losses ?? new Losses(options.registry)
    this.room = options.together?.room ?? new Room(edge.max_series)
    this.#events = new EventIntake(streams, maxClockSkewMs, this.#losses)
    this.#chosen = Object.entries(streams).flatMap(([name, each]) =>
      each.kind === 'event' ? [] : [new ChosenStream(name, each.kind, each)],
    )
    const steps = Math.max(1, Math.round(edge.window / edge.step))
    // Enough for every entity in order; only clocks that run far ahead need more.
    const stepsAtOnce = edge.max_entities * (steps + Math.ceil(edge.max_lateness / edge.step) + 2)
    this.#serviceOptions = {
      window: {
        stepMs: edge.step,
        steps,
        maxLatenessMs: edge.max_lateness,
        maxSkewMs: maxClockSkewMs,
      },
      staleMs: edge.stale_after,
      intervalMs: edge.interval,
      pool: new StepPool(stepsAtOnce),
      budget: this.room.series,
      dropped: () => this.#losses.vectors.inc(),
      templates: options.templates ?? NEVER_MERGED,
      ...(options.handOn && { handOn: this.#handsOn(options.handOn) }),
    }
  }

  #handsOn(handOn: NonNullable<ExtractorOptions['handOn']>): NonNullable<ServiceOptions['handOn']> {
    return ({ entity, version, metrics }, collection, resource) =>
      handOn({
        ...{ entity, version, collection, dialects: metrics.dialects },
        writer: this.#writers.get(resource) ?? '',
      })
  }

  /** All streams that vectors may come of: the built-in ones first. */
  get streams(): readonly StreamSpec[] {
    return [SERVICE_STREAM, HOST_STREAM, ...this.#chosen.map((one) => one.spec), ...this.#events.specs]
  }

  spans(batch: SpanBatch, arrivalMs: number): void {
    const local = this.#localServices
    local.length = 0
    const { length, resource, kind, startMs, durationMs, status, failed, repeated, weight } = batch
    const missed = this.#missed.fill(0)
    for (let row = 0; row < length; row++) {
      const at = resource[row]!
      let service = local[at]
      if (service === undefined) service = this.#service(at, batch.resources[at], arrivalMs)
      if (service === null) continue
      if (repeated[row] === 1 || (kind[row] !== SpanKind.server && kind[row] !== SpanKind.consumer)) continue
      const duration = durationMs[row]!
      const fault = status[row] === StatusCode.error || failed[row] === 1
      const fit = service.window.request(startMs[row]! + duration, duration, fault, arrivalMs, weight[row]!)
      if (fit === Fit.taken) {
        service.requestsMs = arrivalMs
        service.requests += weight[row]!
      } else {
        service.missedMs = arrivalMs
        missed[fit] = missed[fit]! + 1
      }
    }
    for (const service of local) {
      if (!service) continue
      service.spansMs = arrivalMs
      service.window.endBatch(arrivalMs)
    }
    this.#countMissed('spans')
  }

  /** Takes what was added up elsewhere: requests and records of parts of the spans and logs, and collections of metrics. `nowMs`: until when they came. */
  summed(summaries: readonly ServiceSummary[], nowMs: number): void {
    const missed = { spans: this.#missed.fill(0), logs: new Uint32Array(4) }
    for (const summary of summaries) {
      const service = this.#serviceOf(summary.entity, nowMs)
      if (service === null) continue
      const refused = addSummary(service, summary, missed)
      if (refused > 0) this.#losses.points.inc({ reason: 'series_limit' }, refused)
    }
    this.#countMissed('spans')
    this.#countMissed('logs', missed.logs)
  }

  metrics(batch: MetricBatch, arrivalMs: number): void {
    this.#localServices.length = 0
    this.#localHosts.length = 0
    for (let row = 0; row < batch.length; row++) {
      const read = this.#reader.read(batch, row)
      if (read === undefined) continue
      if (typeof read === 'string') {
        this.#losses.points.inc({ reason: read })
        continue
      }
      const at = batch.resource[row]!
      const resource = batch.resources[at]
      let service = this.#localServices[at]
      if (service === undefined) service = this.#service(at, resource, arrivalMs)
      if (service !== null && resource) this.#point(service.metrics, resource, read, arrivalMs)
      const { quantity } = read.series.role
      if (quantity === 'http' || quantity === 'http_old') continue
      let host = this.#localHosts[at]
      if (host === undefined) host = this.#host(at, resource)
      if (host !== null && resource) this.#point(host.metrics, resource, read, arrivalMs)
    }
  }

  logs(batch: LogBatch, arrivalMs: number): void {
    const local = this.#localServices
    local.length = 0
    const missed = this.#missed.fill(0)
    for (let row = 0; row < batch.length; row++) {
      const at = batch.resource[row]!
      let service = local[at]
      if (service === undefined) service = this.#service(at, batch.resources[at], arrivalMs)
      if (service === null) continue
      // A record may have no time at all: its arrival is the best guess.
      const time = batch.timeMs[row]! || arrivalMs
      const fit = service.window.log(
        time,
        batch.severity[row]! >= ERROR_SEVERITY,
        batch.template[row]!,
        arrivalMs,
      )
      if (fit === Fit.taken) service.logsMs = arrivalMs
      else {
        service.missedMs = arrivalMs
        missed[fit] = missed[fit]! + 1
      }
    }
    for (const service of local) service?.window.endBatch(arrivalMs)
    this.#countMissed('logs')
  }

  /** Takes one event of a declared stream; its vector is emitted by the next `emitEvents` or `advance`. A refusal is counted and changes nothing. */
  event(stream: string, fields: EventFields, arrivalMs: number, origin?: Origin): EventOutcome {
    const outcome = this.#events.take(stream, fields, arrivalMs, this.#hasRoom, origin)
    if (this.room.closed && !outcome.accepted && outcome.reason === 'entity_limit') this.room.dropped++
    return outcome
  }

  /** Emits the vectors of events that came, so that they need not wait for a step; where more than a few wait, all of them do. */
  emitEvents(emit: (vector: FeatureVector) => void, waits: (vector: FeatureVector) => boolean): void {
    if (this.#events.waiting <= AT_ONCE) this.#events.drain(emit, waits)
  }

  /**
   * Emits every vector that is due at `nowMs`, and forgets who was silent for too long. Call it once per step.
   *
   * @param waits whether the vector of an event is to be kept for the next step: unlike a window, an event does not come again
   */
  advance(
    nowMs: number,
    emit: (vector: FeatureVector) => void,
    waits: (vector: FeatureVector) => boolean = () => false,
  ): void {
    for (const _ of this.advancing(nowMs, emit, waits));
  }

  /** `advance` in pieces, an entity each: telemetry may be taken between two of them. */
  *advancing(
    nowMs: number,
    emit: (vector: FeatureVector) => void,
    waits: (vector: FeatureVector) => boolean,
  ): Generator<undefined, void> {
    const { stale_after, interval } = this.#options.edge
    const quietMs = this.#advancedMs
    const staleMs = nowMs - Math.max(stale_after, 3 * interval)
    for (const [id, service] of this.#services) {
      for (const evaluated of service.evaluate(nowMs, quietMs, staleMs))
        this.#emit(SERVICE_STREAM, service.entity, evaluated, emit, service.version)
      const metrics = service.metrics.writers > 0
      if (!metrics && nowMs - service.seenMs > stale_after) {
        service.close()
        this.#services.delete(id)
      }
      yield
    }
    for (const [id, host] of this.#hosts) {
      for (const evaluated of host.evaluate(quietMs, staleMs))
        this.#emit(HOST_STREAM, host.entity, evaluated, emit)
      if (host.metrics.writers === 0) this.#hosts.delete(id)
      yield
    }
    this.#events.drain(emit, waits)
    if (nowMs - this.#forgotMs > FORGET_EVERY_MS) {
      this.#events.forget(nowMs, stale_after)
      this.#forgotMs = nowMs
    }
    this.#advancedMs = nowMs
  }

  /** Forgets this part of the services that may go, those that came last, and gives what they were. */
  giveUpNewest(part: number, may: (entity: Entity) => boolean = () => true): readonly Entity[] {
    const candidates = [...this.#services].filter(([, { entity }]) => may(entity))
    const services = candidates.slice(candidates.length - Math.ceil(part * candidates.length))
    for (const [id, service] of services) {
      service.close()
      this.#services.delete(id)
    }
    this.room.dropped += services.length
    return services.map(([, { entity }]) => entity)
  }

  /** A recording has a hole: until more comes, no telemetry of this signal says nothing about the services. */
  interrupt(signal: 'spans' | 'logs'): void {
    for (const service of this.#services.values()) service.interrupt(signal)
  }

  /** Gives back what it has taken of what extractors have together. */
  close(): void {
    for (const service of this.#services.values()) service.close()
    for (const host of this.#hosts.values()) host.metrics.end()
    this.#services.clear()
    this.#hosts.clear()
  }

  /** What the mixes of templates of a service entity have been; undefined when it is not known. */
  novelty(entityId: string): LogNovelty | undefined {
    return this.#services.get(entityId)?.novelty
  }

  /** Ids of service entities whose novelty has learned since it was saved. */
  unsavedNovelty(): string[] {
    return [...this.#services].filter(([, { novelty }]) => novelty.changed).map(([id]) => id)
  }

  /** Every entity that is known: what it has, what it lacks and why. Costs some microseconds each: not for the hot path. */
  entities(): EntityReport[] {
    const chosen = (kind: 'service' | 'host') => this.#chosen.filter((one) => one.kind === kind)
    return [
      ...[...this.#services.values()].map((one) => serviceReport(one, chosen('service'), this.#options)),
      ...[...this.#hosts.values()].map((one) => hostReport(one, chosen('host'))),
      ...this.#events.reports(),
    ]
  }

  #emit(
    stream: StreamSpec,
    entity: Entity,
    evaluated: Evaluated,
    emit: (vector: FeatureVector) => void,
    version?: string,
  ): void {
    const vector = { stream, entity, version, ...evaluated }
    emit(vector)
    for (const one of this.#chosen) {
      if (one.kind !== stream.entityKind) continue
      const chosen = one.choose(vector)
      if (chosen !== undefined) emit(chosen)
    }
  }

  #point(
    state: MetricState,
    resource: Resource,
    { series, point, dialect }: Exclude<Row, string | undefined>,
    arrivalMs: number,
  ): void {
    state.noteDialect(dialect)
    if (this.#options.handOn !== undefined && !this.#writers.has(resource.index))
      this.#writers.set(resource.index, writerOf(resource))
    const note = state.add(resource.index, series, point, arrivalMs)
    if (note === undefined) return
    if (note === 'gap') this.#losses.gaps.inc()
    else if (note === 'reset') this.#losses.resets.inc()
    else this.#losses.points.inc({ reason: note })
  }

  #countMissed(signal: 'spans' | 'logs', missed = this.#missed): void {
    for (const reason of MISSED) {
      const count = missed[Fit[reason]]!
      if (count > 0) this.#losses.late.inc({ signal, reason }, count)
    }
  }

  #service(at: number, resource: Resource | undefined, arrivalMs: number): ServiceState | null {
    const entity = resource?.serviceEntity
    let service: ServiceState | null = null
    if (entity !== undefined) {
      service = this.#serviceOf(entity, arrivalMs)
      if (service !== null) {
        service.seenMs = arrivalMs
        service.version = resource?.attributes.get('service.version')
      }
    }
    this.#localServices[at] = service
    return service
  }

  #serviceOf(entity: Entity, arrivalMs: number): ServiceState | null {
    const known = this.#services.get(entity.id)
    if (known !== undefined) return known
    if (!this.#room('service')) return null
    const service = new ServiceState(entity, this.#serviceOptions, arrivalMs)
    this.#options.goOn?.(entity.id, service.novelty)
    this.#services.set(entity.id, service)
    return service
  }

  #host(at: number, resource: Resource | undefined): HostState | null {
    const entity = resource?.hostEntity
    let host: HostState | null = null
    if (entity !== undefined) {
      host = this.#hosts.get(entity.id) ?? null
      if (host === null && this.#room('host')) {
        const { interval } = this.#options.edge
        host = new HostState(entity, interval, this.room.series, this.#serviceOptions.dropped)
        this.#hosts.set(entity.id, host)
      }
    }
    this.#localHosts[at] = host
    return host
  }

  /** Entities that are known. */
  get size(): number {
    return this.#services.size + this.#hosts.size + this.#events.entities
  }

  get #hasRoom(): boolean {
    const { together, edge } = this.#options
    return !this.room.closed && (together?.entities() ?? this.size) < edge.max_entities
  }

  /** Room for another entity; a refusal is counted. */
  #room(kind: 'service' | 'host'): boolean {
    if (this.room.closed) this.room.dropped++
    const room = this.#hasRoom
    if (!room) this.#losses.entities.inc({ kind })
    return room
  }
}
