import type { Registry } from 'prom-client'
import type { SlotHistory } from '../graph/slot-history.ts'
import type { LogEvidence } from '../rootcause/evidence.ts'
import type { LogBatch, SpanBatch } from '../telemetry/batch.ts'
import { gatherLogEvidence, type RequestsOf } from './evidence.ts'
import type { Examples } from './examples.ts'
import { type LogKnowledge, listTemplates, type TemplateLines } from './knowledge.ts'
import { LineMining } from './line-mining.ts'
import { LogCounts } from './log-counts.ts'
import { registerLogMetrics } from './log-metrics.ts'
import type { LogOptions, LogSlots } from './options.ts'
import { ServiceNumbers } from './service-numbers.ts'
import { canonical, type Template } from './template.ts'

/** Merged templates whose new number is known. */
const MAX_RENAMED = 4096
const SWEEP_MS = 30_000

/**
 * Templates of log records and events of spans, mined online, and how often each service wrote them: the template of each record
 * for the features (`LogBatch.template`), evidence for the ranking. Pure: time comes with the calls. Bounded by the options;
 * what made room is counted in `adf_log_templates_dropped_total{reason}`.
 */
export class LogMining implements LogKnowledge {
  readonly #slots: LogSlots
  readonly #services = new ServiceNumbers()
  readonly #counts: LogCounts
  readonly #lines: LineMining
  /** Number of what a merged template is now, by its own. */
  readonly #renamed = new Map<number, Template>()
  #sweptMs = Number.NEGATIVE_INFINITY

  constructor(options: LogOptions, slots: LogSlots, registry: Registry) {
    this.#slots = slots
    this.#counts = new LogCounts(options, (template) => this.#merged(template))
    this.#lines = new LineMining(options, slots, this.#services, this.#counts)
    const { miner, trails } = this.#lines
    const { transitionTable, exceptionTable } = this.#counts
    registerLogMetrics(
      registry,
      this.#counts,
      () => miner.size,
      () => ({
        template_limit: miner.evicted,
        merged: miner.merged,
        transition_limit: transitionTable.evicted,
        exception_limit: exceptionTable.evicted,
        open_span_limit: trails.lost,
        service_limit: this.#services.refused,
        untold: 0,
      }),
    )
  }

  get examples(): Examples {
    return this.#lines.examples
  }

  get history(): SlotHistory {
    return this.#counts.history
  }

  /** Gives each record its template, and counts them. Call it before the features see the batch. */
  logs(batch: LogBatch, arrivalMs: number): void {
    this.#lines.logs(batch, arrivalMs)
    this.#sweep(arrivalMs)
  }

  /** Counts the events of spans: each is a record of its span's service, but for the features. */
  spans(batch: SpanBatch, arrivalMs: number): void {
    this.#lines.spans(batch, arrivalMs)
  }

  evidence(fromMs: number, nowMs: number, requestsOf: RequestsOf): LogEvidence[] {
    const services = this.#services.all()
    const question = { fromMs, nowMs, services, requestsOf }
    return gatherLogEvidence(this.#counts, this.#lines.miner, this.#slots, question)
  }

  get merges(): number {
    return this.#lines.miner.merged
  }

  current(template: number): number {
    const renamed = this.#renamed.get(template)
    return renamed === undefined ? template : canonical(renamed).serial
  }

  templates(service: string): TemplateLines[] {
    return listTemplates(this.#lines.miner.of(this.#services.known(service)))
  }

  #merged(template: Template): void {
    this.#renamed.set(template.serial, template)
    if (this.#renamed.size > MAX_RENAMED) this.#renamed.delete(this.#renamed.keys().next().value ?? 0)
  }

  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptMs < SWEEP_MS) return
    this.#sweptMs = nowMs
    const { history, slot } = this.#slots
    this.#counts.horizon = this.#lines.latestSlot - Math.ceil(history / slot) - 1
  }
}
