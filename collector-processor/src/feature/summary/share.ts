import type { Entity, ServiceSummary } from '@adf/contract'
import { TemplateMix } from '../template-mix.ts'
import { DurationCounts } from './duration-counts.ts'

interface RequestStep {
  requests: number
  failures: number
  arrivedMs: number
  readonly latency: DurationCounts
}

interface RecordStep {
  records: number
  errors: number
  arrivedMs: number
  /** By what mined the records. */
  readonly templates: TemplateMix
}

/** What came of one entity in a step. */
export class Share {
  readonly entity: Entity
  version: string | undefined
  seenMs = 0
  spansMs = 0
  requestedMs = 0
  logsMs = 0
  recordedMs = 0
  missedMs = 0
  readonly collections: ServiceSummary['collections'] = []
  readonly dialects = new Set<string>()
  readonly #requests = new Map<number, RequestStep>()
  readonly #records = new Map<number, RecordStep>()
  #largest = Number.NaN
  #smallest = Number.NaN
  /** Of the batch under way. */
  #earliest = Number.POSITIVE_INFINITY
  #latest = Number.NEGATIVE_INFINITY

  constructor(entity: Entity) {
    this.entity = entity
  }

  /** Takes note of the time of a request or record; `counts`: it is not of the future. */
  saw(timeMs: number, counts: boolean): void {
    if (timeMs > this.#latest) this.#latest = timeMs
    if (counts && timeMs < this.#earliest) this.#earliest = timeMs
  }

  requestsOf(step: number): RequestStep {
    let found = this.#requests.get(step)
    if (found === undefined) {
      found = { requests: 0, failures: 0, arrivedMs: 0, latency: new DurationCounts() }
      this.#requests.set(step, found)
    }
    return found
  }

  recordsOf(step: number): RecordStep {
    let found = this.#records.get(step)
    if (found === undefined) {
      found = { records: 0, errors: 0, arrivedMs: 0, templates: new TemplateMix() }
      this.#records.set(step, found)
    }
    return found
  }

  endBatch(arrivalMs: number): void {
    this.seenMs = arrivalMs
    if (this.#earliest < Number.POSITIVE_INFINITY) {
      const delay = arrivalMs - this.#earliest
      this.#largest = this.#largest > delay ? this.#largest : delay
    }
    if (this.#latest > Number.NEGATIVE_INFINITY) {
      const delay = arrivalMs - this.#latest
      this.#smallest = this.#smallest < delay ? this.#smallest : delay
    }
    this.#earliest = Number.POSITIVE_INFINITY
    this.#latest = Number.NEGATIVE_INFINITY
  }

  /** @param idOf number, in whatever process, of a template */
  summary(stepMs: number, idOf: (template: number) => number): ServiceSummary {
    return {
      entity: this.entity,
      version: this.version ?? null,
      seen_at: this.seenMs,
      spans_at: this.spansMs,
      requested_at: this.requestedMs,
      missed_at: this.missedMs,
      delays: [
        Number.isNaN(this.#largest) ? null : this.#largest,
        Number.isNaN(this.#smallest) ? null : this.#smallest,
      ],
      steps: Array.from(this.#requests, ([index, { requests, failures, arrivedMs, latency }]) => ({
        at: index * stepMs,
        requests,
        failures,
        arrived_at: arrivedMs,
        latency: latency.list(),
      })),
      dialects: [...this.dialects],
      collections: this.collections,
      ...(this.logsMs > 0 && { logs: this.#logs(stepMs, idOf) }),
    }
  }

  #logs(stepMs: number, idOf: (template: number) => number): NonNullable<ServiceSummary['logs']> {
    return {
      logs_at: this.logsMs,
      recorded_at: this.recordedMs,
      steps: Array.from(this.#records, ([index, { records, errors, arrivedMs, templates }]) => ({
        at: index * stepMs,
        records,
        errors,
        arrived_at: arrivedMs,
        templates: Array.from(templates.counts, ([template, count]): [number, number] => [
          idOf(template),
          count,
        ]),
      })),
    }
  }
}
