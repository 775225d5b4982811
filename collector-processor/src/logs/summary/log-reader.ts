import type { LogSummary } from '@adf/contract'
import type { Registry } from 'prom-client'
import type { SlotHistory } from '../../graph/slot-history.ts'
import type { LogEvidence } from '../../rootcause/evidence.ts'
import { gatherLogEvidence, type RequestsOf } from '../evidence.ts'
import { Examples } from '../examples.ts'
import { type LogKnowledge, listTemplates, type TemplateLines } from '../knowledge.ts'
import { LogCounts } from '../log-counts.ts'
import { registerLogMetrics } from '../log-metrics.ts'
import { TemplateMiner } from '../miner.ts'
import type { LogOptions, LogSlots } from '../options.ts'
import { ServiceNumbers } from '../service-numbers.ts'
import { canonical, type Template } from '../template.ts'
import { idOf } from '../template-id.ts'
import { Parts } from './parts.ts'

/** Numbers that are known, for each template that is kept: one that varied had some before. */
const NUMBERS = 4

/**
 * The logs of all parts, by what these tell of them: counts without lines. Templates that are told are mined as lines are, so that those of
 * different parts become one where they would have in one process, and the bounds hold for all together. All that is known follows from
 * the summaries in their order: whoever reads them comes to the same.
 */
export class LogReader implements LogKnowledge {
  /** Those of this process. */
  readonly parts = new Parts()
  readonly examples: LogKnowledge['examples']
  readonly #options: LogOptions
  readonly #slots: LogSlots
  readonly #services = new ServiceNumbers()
  readonly #counts: LogCounts
  readonly #miner: TemplateMiner
  readonly #found: Examples
  /** By each number that was told, and by those that they came to have. */
  readonly #templates = new Map<number, Template>()
  #merges = 0
  /** Records of templates whose words are not known. */
  #untold = 0
  #latestSlot = Number.NEGATIVE_INFINITY

  constructor(options: LogOptions, slots: LogSlots, registry: Registry) {
    this.#options = options
    this.#slots = slots
    this.#counts = new LogCounts(options, () => {})
    this.#miner = new TemplateMiner(options, this.#counts)
    const found = new Examples(this.#miner)
    const { parts } = this
    this.#found = found
    this.examples = {
      get dropped() {
        return found.dropped + parts.dropped
      },
      shed(on) {
        found.shed(on)
        parts.shed(on)
      },
    }
    registerLogMetrics(
      registry,
      this.#counts,
      () => this.#miner.size,
      () => this.#losses(),
    )
  }

  get history(): SlotHistory {
    return this.#counts.history
  }

  get merges(): number {
    return this.#merges
  }

  current(template: number): number {
    const known = this.#templates.get(template)
    return known === undefined ? template : this.#idOf(canonical(known))
  }

  evidence(fromMs: number, nowMs: number, requestsOf: RequestsOf): LogEvidence[] {
    const question = { fromMs, nowMs, services: this.#services.all(), requestsOf }
    return gatherLogEvidence(this.#counts, this.#miner, this.#slots, question)
  }

  templates(service: string): TemplateLines[] {
    return listTemplates(this.#miner.of(this.#services.known(service)))
  }

  /** Takes what a part told of a step. */
  add(summary: LogSummary): void {
    for (const { service, id, ...form } of summary.templates) this.#know(service, id, form)
    for (const { id, slots } of summary.records) {
      const template = this.#template(id)
      for (const [at, records, traced] of slots) {
        if (template === undefined) this.#untold += records
        else {
          template.hits += records
          this.#counts.records(template, this.#slotOf(at), records, traced)
        }
      }
    }
    this.#counts.settle()
    for (const { from, to, slots } of summary.transitions) {
      const [first, second] = [this.#template(from), this.#template(to)]
      if (first === undefined || second === undefined) continue
      for (const [at, count] of slots) this.#counts.transition(first, second, this.#slotOf(at), count)
    }
    for (const { service, type, example, slots } of summary.exceptions) {
      const number = this.#services.of(service)
      if (number === 0) continue
      for (const [at, count] of slots)
        this.#counts.exception(number, type, this.#slotOf(at), () => example, count)
    }
    this.#forget()
  }

  #know(service: string, id: number, form: Omit<LogSummary['templates'][number], 'service' | 'id'>): void {
    const number = this.#services.of(service)
    if (number === 0) return
    const merged = this.#miner.merged
    const template = this.#found.found(this.#miner.adopt(number, form))
    const known = this.#templates.get(id)
    // Again, so that it is forgotten last.
    this.#templates.delete(id)
    this.#templates.set(id, template)
    this.#templates.set(this.#idOf(template), template)
    const moved = known === undefined || canonical(known) !== template
    const renamed = moved && this.#idOf(template) !== id
    if (renamed || this.#miner.merged !== merged) this.#merges++
  }

  /** Of a number; undefined when its words are not known, or not any more. */
  #template(id: number): Template | undefined {
    const known = this.#templates.get(id)
    const template = known && canonical(known)
    return template?.alive === true ? template : undefined
  }

  #idOf(template: Template): number {
    return idOf(template, this.#services.name(template.service))
  }

  #slotOf(atMs: number): number {
    const slot = Math.floor(atMs / this.#slots.slot)
    if (slot > this.#latestSlot) {
      this.#latestSlot = slot
      this.#counts.horizon = slot - Math.ceil(this.#slots.history / this.#slots.slot) - 1
    }
    return slot
  }

  /** Those that were told longest ago, of too many. */
  #forget(): void {
    for (const id of this.#templates.keys()) {
      if (this.#templates.size <= NUMBERS * this.#options.max_templates) break
      this.#templates.delete(id)
    }
  }

  #losses() {
    const { transitionTable, exceptionTable } = this.#counts
    const ofParts = this.parts.losses
    return {
      template_limit: ofParts.template_limit + this.#miner.evicted,
      merged: this.#miner.merged,
      transition_limit: ofParts.transition_limit + transitionTable.evicted,
      exception_limit: ofParts.exception_limit + exceptionTable.evicted,
      open_span_limit: ofParts.open_span_limit,
      service_limit: ofParts.service_limit + this.#services.refused,
      untold: this.#untold,
    }
  }
}
