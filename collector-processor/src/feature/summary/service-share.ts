import type { Entity, ServiceSummary } from '@adf/contract'
import { type SpanBatch, SpanKind, StatusCode } from '../../telemetry/batch.ts'
import type { Losses } from '../losses.ts'
import type { CollectedElsewhere } from '../reports.ts'
import { plainCollection } from './collections.ts'
import { DurationCounts } from './duration-counts.ts'

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

interface Step {
  requests: number
  failures: number
  arrivedMs: number
  readonly latency: DurationCounts
}

/** What came of one entity in a step. */
class Share {
  readonly entity: Entity
  version: string | undefined
  seenMs = 0
  spansMs = 0
  requestedMs = 0
  missedMs = 0
  largest = Number.NaN
  smallest = Number.NaN
  readonly steps = new Map<number, Step>()
  readonly collections: ServiceSummary['collections'] = []
  readonly dialects = new Set<string>()
  /** Of the batch under way. */
  earliest = Number.POSITIVE_INFINITY
  latest = Number.NEGATIVE_INFINITY

  constructor(entity: Entity) {
    this.entity = entity
  }

  endBatch(arrivalMs: number): void {
    this.seenMs = arrivalMs
    this.spansMs = arrivalMs
    if (this.earliest < Number.POSITIVE_INFINITY) {
      const delay = arrivalMs - this.earliest
      this.largest = this.largest > delay ? this.largest : delay
    }
    if (this.latest > Number.NEGATIVE_INFINITY) {
      const delay = arrivalMs - this.latest
      this.smallest = this.smallest < delay ? this.smallest : delay
    }
    this.earliest = Number.POSITIVE_INFINITY
    this.latest = Number.NEGATIVE_INFINITY
  }
}

/** The requests in a part of the spans, by service entity and step of event time: to be added up with those in other parts. */
export class ServiceShare {
  readonly #options: ServiceShareOptions
  #shares = new Map<string, Share>()

  constructor(options: ServiceShareOptions) {
    this.#options = options
  }

  /** After the graph, which marks the spans that came before. */
  spans(batch: SpanBatch, arrivalMs: number): void {
    const { stepMs, windowMs, maxLatenessMs, maxSkewMs, losses } = this.#options
    const local: (Share | null)[] = batch.resources.map(({ serviceEntity, attributes }) => {
      const share = serviceEntity === undefined ? null : this.#share(serviceEntity)
      if (share !== null) share.version = attributes.get('service.version')
      return share
    })
    // No window is so slow that it still takes what is older.
    const lateMs = arrivalMs - maxLatenessMs - windowMs - stepMs
    let [late, future] = [0, 0]
    for (let row = 0; row < batch.length; row++) {
      const share = local[batch.resource[row]!]
      const kind = batch.kind[row]!
      if (!share || batch.repeated[row] === 1) continue
      if (kind !== SpanKind.server && kind !== SpanKind.consumer) continue
      const duration = batch.durationMs[row]!
      const endMs = batch.startMs[row]! + duration
      if (endMs > share.latest) share.latest = endMs
      if (endMs > arrivalMs + maxSkewMs) {
        future++
        share.missedMs = arrivalMs
        continue
      }
      if (endMs < share.earliest) share.earliest = endMs
      if (!(endMs >= lateMs)) {
        late++
        share.missedMs = arrivalMs
        continue
      }
      share.requestedMs = arrivalMs
      const step = stepOf(share, Math.floor(endMs / stepMs))
      const failed = batch.status[row] === StatusCode.error || batch.failed[row] === 1
      const count = batch.weight[row]!
      step.requests += count
      if (failed) step.failures += count
      step.arrivedMs = arrivalMs
      step.latency.add(duration)
    }
    for (const share of local) share?.endBatch(arrivalMs)
    if (late > 0) losses.late.inc({ signal: 'spans', reason: 'late' }, late)
    if (future > 0) losses.late.inc({ signal: 'spans', reason: 'future' }, future)
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

  /** What came since it was taken last. */
  take(): ServiceSummary[] {
    const shares = this.#shares
    this.#shares = new Map()
    return Array.from(shares.values(), (share) => ({
      entity: share.entity,
      version: share.version ?? null,
      seen_at: share.seenMs,
      spans_at: share.spansMs,
      requested_at: share.requestedMs,
      missed_at: share.missedMs,
      delays: [
        Number.isNaN(share.largest) ? null : share.largest,
        Number.isNaN(share.smallest) ? null : share.smallest,
      ],
      steps: Array.from(share.steps, ([index, { requests, failures, arrivedMs, latency }]) => ({
        at: index * this.#options.stepMs,
        requests,
        failures,
        arrived_at: arrivedMs,
        latency: latency.list(),
      })),
      dialects: [...share.dialects],
      collections: share.collections,
    }))
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

function stepOf({ steps }: Share, index: number): Step {
  let step = steps.get(index)
  if (step === undefined) {
    step = { requests: 0, failures: 0, arrivedMs: 0, latency: new DurationCounts() }
    steps.set(index, step)
  }
  return step
}
