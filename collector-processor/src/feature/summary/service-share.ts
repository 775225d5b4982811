import type { Entity, ServiceSummary } from '@adf/contract'
import { type LogBatch, type SpanBatch, SpanKind, StatusCode } from '../../telemetry/batch.ts'
import type { Resource } from '../../telemetry/resource.ts'
import { ERROR_SEVERITY } from '../builtin-streams.ts'
import type { Losses } from '../losses.ts'
import type { CollectedElsewhere } from '../reports.ts'
import { plainCollection } from './collections.ts'
import { Share } from './share.ts'

export interface ServiceShareOptions {
  readonly stepMs: number
  readonly windowMs: number
  readonly maxLatenessMs: number
  readonly maxSkewMs: number
  /** Entities in one step. */
  readonly maxEntities: number
  readonly losses: Losses
}

/** Of one entity in one step. */
const MAX_COLLECTIONS = 1000

/** The requests and log records in a part of the telemetry, by service entity and step of event time: to be added up with those in other parts. */
export class ServiceShare {
  readonly #options: ServiceShareOptions
  #shares = new Map<string, Share>()

  constructor(options: ServiceShareOptions) {
    this.#options = options
  }

  /** After the graph, which marks the spans that came before. */
  spans(batch: SpanBatch, arrivalMs: number): void {
    const local = this.#sharesOf(batch.resources)
    const missed = { late: 0, future: 0 }
    for (let row = 0; row < batch.length; row++) {
      const share = local[batch.resource[row]!]
      const kind = batch.kind[row]!
      if (!share || batch.repeated[row] === 1) continue
      if (kind !== SpanKind.server && kind !== SpanKind.consumer) continue
      const duration = batch.durationMs[row]!
      const endMs = batch.startMs[row]! + duration
      if (!this.#fits(share, endMs, arrivalMs, missed)) continue
      share.requestedMs = arrivalMs
      const step = share.requestsOf(this.#stepOf(endMs))
      const failed = batch.status[row] === StatusCode.error || batch.failed[row] === 1
      const count = batch.weight[row]!
      step.requests += count
      if (failed) step.failures += count
      step.arrivedMs = arrivalMs
      step.latency.add(duration)
    }
    for (const share of local) {
      if (share === null) continue
      share.spansMs = arrivalMs
      share.endBatch(arrivalMs)
    }
    this.#count('spans', missed)
  }

  /** After their templates were mined. */
  logs(batch: LogBatch, arrivalMs: number): void {
    const local = this.#sharesOf(batch.resources)
    const missed = { late: 0, future: 0 }
    for (let row = 0; row < batch.length; row++) {
      const share = local[batch.resource[row]!]
      if (!share) continue
      // A record may have no time at all: its arrival is the best guess.
      const timeMs = batch.timeMs[row]! || arrivalMs
      if (!this.#fits(share, timeMs, arrivalMs, missed)) continue
      share.recordedMs = arrivalMs
      const step = share.recordsOf(this.#stepOf(timeMs))
      step.records++
      if (batch.severity[row]! >= ERROR_SEVERITY) step.errors++
      step.arrivedMs = arrivalMs
      step.templates.add(batch.template[row]!)
    }
    for (const share of local) {
      if (share === null) continue
      share.logsMs = arrivalMs
      share.endBatch(arrivalMs)
    }
    this.#count('logs', missed)
  }

  /** A collection of metrics of a service is complete. */
  collected({ entity, version, dialects, writer, collection }: CollectedElsewhere): void {
    const share = this.#share(entity)
    if (share === null) return
    share.version = version
    share.seenMs = Math.max(share.seenMs, collection.arrivalMs)
    for (const dialect of dialects) share.dialects.add(dialect)
    if (share.collections.length < MAX_COLLECTIONS)
      share.collections.push(plainCollection(writer, collection))
    else this.#options.losses.vectors.inc()
  }

  /**
   * What came since it was taken last. @param idOf number, in whatever process, of a template by that in its batch; 0: none
   */
  take(idOf: (template: number) => number = () => 0): ServiceSummary[] {
    const taken = this.#shares
    this.#shares = new Map()
    return Array.from(taken.values(), (share) => share.summary(this.#options.stepMs, idOf))
  }

  #stepOf(timeMs: number): number {
    return Math.floor(timeMs / this.#options.stepMs)
  }

  /** Whether a window may take what is of this time; none is so slow that it still takes what is older. */
  #fits(share: Share, timeMs: number, arrivalMs: number, missed: { late: number; future: number }): boolean {
    const { stepMs, windowMs, maxLatenessMs, maxSkewMs } = this.#options
    const future = timeMs > arrivalMs + maxSkewMs
    share.saw(timeMs, !future)
    const late = !(timeMs >= arrivalMs - maxLatenessMs - windowMs - stepMs)
    if (!future && !late) return true
    missed[future ? 'future' : 'late']++
    share.missedMs = arrivalMs
    return false
  }

  #count(signal: 'spans' | 'logs', { late, future }: { late: number; future: number }): void {
    const { losses } = this.#options
    if (late > 0) losses.late.inc({ signal, reason: 'late' }, late)
    if (future > 0) losses.late.inc({ signal, reason: 'future' }, future)
  }

  #sharesOf(resources: readonly Resource[]): (Share | null)[] {
    return resources.map(({ serviceEntity, attributes }) => {
      const share = serviceEntity === undefined ? null : this.#share(serviceEntity)
      if (share !== null) share.version = attributes.get('service.version')
      return share
    })
  }

  #share(entity: Entity): Share | null {
    let share = this.#shares.get(entity.id)
    if (share !== undefined) return share
    if (this.#shares.size >= this.#options.maxEntities) {
      this.#options.losses.entities.inc({ kind: 'service' })
      return null
    }
    share = new Share(entity)
    this.#shares.set(entity.id, share)
    return share
  }
}
