import type { LogSummary } from '@adf/contract'
import type { LogBatch, SpanBatch } from '../../telemetry/batch.ts'
import { LineMining } from '../line-mining.ts'
import type { LogOptions, LogSlots } from '../options.ts'
import { ServiceNumbers } from '../service-numbers.ts'
import { canonical, type Template } from '../template.ts'
import { idOf } from '../template-id.ts'
import type { Part, PartLosses, Parts } from './parts.ts'
import { restoreTemplates, saveTemplates } from './saved-templates.ts'
import { StepTally } from './step-tally.ts'

/** Of the longest name of a type that is told. */
const MAX_NAME = 1000
/** Templates that are known to have been told, for each that is kept. */
const TOLD = 4

/** How long a template is known to whoever reads since graph.history ago, ms: as long it is not told again. */
export const retellMs = ({ history }: LogSlots): number => history / 8

/**
 * The logs of a part: mines its lines, and gives what they add to the evidence of all step by step. Each template is told with its words once,
 * and again after a while, for those who begin to read later.
 */
export class LogShare implements Part {
  readonly #options: LogOptions
  readonly #slots: LogSlots
  readonly #parts: Parts
  readonly #services = new ServiceNumbers()
  readonly #tally: StepTally
  readonly #lines: LineMining
  /** When the template of a number was told, by the time of steps. */
  readonly #toldMs = new Map<number, number>()
  /** Numbers of the templates of the step that was taken last, by their serial. */
  readonly #ids = new Map<number, number>()
  /** Services whose templates are not saved as they stand. */
  readonly #unsaved = new Set<number>()

  /** @param parts of whoever reads: what is lost is counted there */
  constructor(options: LogOptions, slots: LogSlots, parts: Parts) {
    this.#options = options
    this.#slots = slots
    this.#parts = parts
    this.#tally = new StepTally(options, (service) => this.#unsaved.add(service))
    this.#lines = new LineMining(options, slots, this.#services, this.#tally)
    parts.join(this)
  }

  get examples(): Part['examples'] {
    return this.#lines.examples
  }

  get losses(): PartLosses {
    const { miner, trails } = this.#lines
    const { lost } = this.#tally
    return {
      template_limit: miner.evicted + lost.records,
      transition_limit: lost.transitions,
      exception_limit: lost.exceptions,
      open_span_limit: trails.lost,
      service_limit: this.#services.refused,
    }
  }

  /** Gives each record the serial of its template, and counts them. */
  logs(batch: LogBatch, arrivalMs: number): void {
    this.#lines.logs(batch, arrivalMs)
  }

  /** Counts the events of spans. After the graph, which marks the spans that came before. */
  spans(batch: SpanBatch, arrivalMs: number): void {
    this.#lines.spans(batch, arrivalMs)
  }

  /** What came until `nowMs`, since it was taken last; undefined: nothing. */
  take(nowMs: number): LogSummary | undefined {
    const { templates, transitions, exceptions } = this.#tally.take()
    this.#ids.clear()
    if (templates.length + exceptions.length === 0) return undefined
    const summary: LogSummary = { templates: [], records: [], transitions: [], exceptions: [] }
    for (const { template, slots } of templates) {
      const id = this.#tell(template, nowMs, summary)
      this.#ids.set(template.serial, id)
      summary.records.push({ id, slots: this.#rows(slots) })
    }
    for (const { from, to, slots } of transitions) {
      // Of an earlier step, and made room since.
      if (!canonical(from).alive) continue
      summary.transitions.push({
        from: this.#tell(from, nowMs, summary),
        to: this.#tell(to, nowMs, summary),
        slots: this.#rows(slots),
      })
    }
    for (const { service, type, example, slots } of exceptions)
      summary.exceptions.push({
        service: this.#services.name(service),
        type: type.slice(0, MAX_NAME),
        example,
        slots: this.#rows(slots),
      })
    return summary
  }

  /** Forgets what came since it was taken last: somebody told it. */
  drop(): void {
    this.#tally.take()
    this.#ids.clear()
  }

  /** Number, in whatever process, of a template of the step that was taken last, by its serial; 0: it has none. */
  id(serial: number): number {
    return this.#ids.get(serial) ?? 0
  }

  /** Names of services whose templates are not saved as they stand. */
  unsaved(): string[] {
    return Array.from(this.#unsaved, (service) => this.#services.name(service))
  }

  /** The templates of a service, null when there is none; they count as saved from now on. How often each was used is not followed. */
  save(service: string): Uint8Array | null {
    const number = this.#services.known(service)
    this.#unsaved.delete(number)
    const templates = [...this.#lines.miner.of(number)]
    return templates.length === 0 ? null : saveTemplates(templates)
  }

  /** They could not be saved. */
  failed(service: string): void {
    this.#unsaved.add(this.#services.known(service))
  }

  /** Goes on with templates that were saved. Throws when they cannot be read. */
  restore(service: string, bytes: Uint8Array): void {
    const number = this.#services.of(service)
    if (number === 0) return
    restoreTemplates(this.#lines.miner, number, bytes)
    this.#unsaved.delete(number)
  }

  end(): void {
    this.#parts.leave(this)
  }

  #tell(template: Template, nowMs: number, { templates }: LogSummary): number {
    const now = canonical(template)
    const service = this.#services.name(now.service)
    const id = idOf(now, service)
    const toldMs = this.#toldMs.get(id)
    if (toldMs !== undefined && nowMs - toldMs < retellMs(this.#slots)) return id
    if (this.#toldMs.size >= TOLD * this.#options.max_templates) this.#toldMs.clear()
    this.#toldMs.set(id, nowMs)
    templates.push({ service, id, ...now.form })
    return id
  }

  #rows<Counts extends readonly number[]>(slots: ReadonlyMap<number, Counts>): [number, ...Counts][] {
    return Array.from(slots, ([slot, counts]): [number, ...Counts] => [slot * this.#slots.slot, ...counts])
  }
}
