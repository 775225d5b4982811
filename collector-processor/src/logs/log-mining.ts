import { Counter, Gauge, type Registry } from 'prom-client'
import type { SlotHistory } from '../graph/slot-history.ts'
import type { LogEvidence } from '../rootcause/evidence.ts'
import type { LogBatch, SpanBatch } from '../telemetry/batch.ts'
import { EMPTY } from '../telemetry/strings.ts'
import { gatherLogEvidence, type RequestsOf } from './evidence.ts'
import { Examples } from './examples.ts'
import { LogCounts } from './log-counts.ts'
import { TemplateMiner } from './miner.ts'
import type { LogOptions, LogSlots } from './options.ts'
import { BodyScanner } from './scan-body.ts'
import { canonical, type Template } from './template.ts'
import { Trails } from './trails.ts'

/** Services whose logs are mined. */
const MAX_SERVICES = 20_000
/** Merged templates whose new number is known. */
const MAX_RENAMED = 4096
const SWEEP_MS = 30_000

const decoder = new TextDecoder()

/**
 * Templates of log records and events of spans, mined online, and how often each service wrote them: the template of each record
 * for the features (`LogBatch.template`), evidence for the ranking. Pure: time comes with the calls. Bounded by the options;
 * what made room is counted in `adf_log_templates_dropped_total{reason}`.
 */
export class LogMining {
  /** What it can do without while memory is short. */
  readonly examples: Examples
  readonly #slots: LogSlots
  readonly #counts: LogCounts
  readonly #miner: TemplateMiner
  readonly #scanner: BodyScanner
  readonly #trails: Trails
  readonly #numbers = new Map<string, number>()
  readonly #names: string[] = ['']
  /** Number of what a merged template is now, by its own. */
  readonly #renamed = new Map<number, Template>()
  /** Template of each row of the batch. */
  readonly #mined: (Template | undefined)[] = []
  #order = new Uint32Array(0)
  /** Number of the service that was asked for last. */
  #last = 0
  #refused = 0
  #nowMs = Number.NEGATIVE_INFINITY
  #latestSlot = Number.NEGATIVE_INFINITY
  #slot = 0
  #slotStart = 0
  #slotEnd = 0
  #sweptMs = Number.NEGATIVE_INFINITY
  /** The body that is being mined, for its example. */
  #bytes: Uint8Array = new Uint8Array(0)
  #start = 0
  #end = 0
  #map = false
  readonly #example = () =>
    // a map has no text of its own: the template makes one of its tokens
    this.#map
      ? ''
      : decoder.decode(this.#bytes.subarray(this.#start, Math.min(this.#end, this.#start + 1200)))

  constructor(options: LogOptions, slots: LogSlots, registry: Registry) {
    this.#slots = slots
    this.#counts = new LogCounts(options)
    this.#scanner = new BodyScanner(options.max_line)
    this.#trails = new Trails(options.max_open_spans)
    this.#miner = new TemplateMiner(options, {
      owner: () => this.#counts.owner(),
      gone: (template) => this.#gone(template),
    })
    this.examples = new Examples(this.#miner)
    this.#register(registry)
  }

  /** The older time slots, which it can do without while memory is short. */
  get history(): SlotHistory {
    return this.#counts.history
  }

  /** Gives each record its template, and counts them. Call it before the features see the batch. */
  logs(batch: LogBatch, arrivalMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, arrivalMs)
    const { length, resource, resources, timeMs, bodyStart, bodyEnd, bodyMap, template, exception } = batch
    const mined = this.#mined
    mined.length = length
    let sorted = true
    for (let row = 0; row < length; row++) {
      template[row] = 0
      mined[row] = undefined
      if (row > 0 && timeMs[row]! < timeMs[row - 1]!) sorted = false
      const service = this.#number(resources[resource[row]!]?.service ?? '')
      if (service === 0) continue
      if (bodyEnd[row]! > bodyStart[row]!) {
        const found = this.#mine(service, batch.bytes, bodyStart[row]!, bodyEnd[row]!, bodyMap[row] === 1)
        mined[row] = found
        template[row] = found.serial
      }
      if (exception[row] !== EMPTY)
        this.#exception(batch, service, exception[row]!, timeMs[row]!, bodyStart[row]!, bodyEnd[row]!)
    }
    const order = sorted ? undefined : this.#inTime(timeMs, length)
    for (let i = 0; i < length; i++) this.#count(batch, order === undefined ? i : order[i]!)
    this.#counts.settle()
    this.#sweep(arrivalMs)
  }

  /** Counts the events of spans: each is a record of its span's service, but for the features. */
  spans(batch: SpanBatch, arrivalMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, arrivalMs)
    for (let event = 0; event < batch.events; event++) {
      const row = batch.eventRow[event]!
      const service = this.#number(batch.resources[batch.resource[row]!]?.service ?? '')
      if (service === 0 || batch.repeated[row] === 1) continue
      const [start, end] = [batch.eventStart[event]!, batch.eventEnd[event]!]
      const slot = this.#slotOf(batch.eventMs[event]!)
      if (end > start) this.#counts.record(this.#mine(service, batch.bytes, start, end, false), slot, false)
      if (batch.eventException[event] !== EMPTY)
        this.#exception(batch, service, batch.eventException[event]!, batch.eventMs[event]!, start, end)
    }
    this.#counts.settle()
  }

  /**
   * What the logs say between `fromMs` and `nowMs`, against the history before: the strongest few of each service. `requestsOf`
   * gives the requests that a service served by slot of `slot` ms, undefined when that is not known.
   */
  evidence(fromMs: number, nowMs: number, requestsOf: RequestsOf): LogEvidence[] {
    const services = this.#names.map((name, number) => ({ name, number })).slice(1)
    return gatherLogEvidence(this.#counts, this.#miner, this.#slots, { fromMs, nowMs, services, requestsOf })
  }

  /** Templates that became others so far. */
  get merges(): number {
    return this.#miner.merged
  }

  /** The number of what a template has become, after merges. */
  current(template: number): number {
    const renamed = this.#renamed.get(template)
    return renamed === undefined ? template : canonical(renamed).serial
  }

  /** Templates of a service as they stand, most lines first. */
  templates(service: string): { readonly text: string; readonly lines: number; readonly example: string }[] {
    return [...this.#miner.of(this.#numbers.get(service) ?? 0)]
      .map(({ text, hits, example }) => ({ text, lines: hits, example }))
      .sort((a, b) => b.lines - a.lines)
  }

  #mine(service: number, bytes: Uint8Array, start: number, end: number, map: boolean): Template {
    this.#bytes = bytes
    this.#start = start
    this.#end = end
    this.#map = map
    const line = this.#scanner.scan(bytes, start, end, map)
    return this.examples.found(this.#miner.mine(service, line, bytes, this.#example))
  }

  #exception(
    { strings, bytes }: LogBatch | SpanBatch,
    service: number,
    type: number,
    timeMs: number,
    start: number,
    end: number,
  ): void {
    const example = () => decoder.decode(bytes.subarray(start, Math.min(end, start + 300)))
    this.#counts.exception(service, strings.get(type), this.#slotOf(timeMs), example)
  }

  #count(batch: LogBatch, row: number): void {
    const template = this.#mined[row]
    if (template === undefined) return
    const timeMs = batch.timeMs[row]!
    // of a trace where there is no span: its records follow each other as well
    const span0 = batch.span0[row]!
    const span1 = batch.span1[row]!
    const traced = (span0 | span1 | batch.trace2[row]! | batch.trace3[row]!) !== 0
    this.#counts.record(template, this.#slotOf(timeMs), traced)
    if (!traced) return
    const a = Math.imul(span1 ^ Math.imul(batch.trace3[row]!, 0x85ebca6b), 0x9e3779b1) ^ template.service
    const b = Math.imul(span0 ^ batch.trace2[row]! ^ Math.imul(template.service, 0xc2b2ae35), 0x27d4eb2f)
    const before = this.#trails.step(a ^ (a >>> 15), b, timeMs, template)
    if (before !== undefined) this.#counts.transition(before, template, this.#slotOf(this.#trails.beforeMs))
  }

  /** Rows by time; those of one time in their order. */
  #inTime(timeMs: Float64Array, length: number): Uint32Array {
    if (this.#order.length < length) this.#order = new Uint32Array(Math.max(length, 2 * this.#order.length))
    const order = this.#order.subarray(0, length)
    for (let row = 0; row < length; row++) order[row] = row
    return order.sort((a, b) => timeMs[a]! - timeMs[b]! || a - b)
  }

  /** Slot of an event time; of the arrival, when the sender's clock is further off than the history reaches. */
  #slotOf(eventMs: number): number {
    const { history, slot } = this.#slots
    const trusted = Math.abs(eventMs - this.#nowMs) <= history
    const ms = trusted ? eventMs : this.#nowMs
    // nearly all records of a request are in the slot of the one before
    if (ms >= this.#slotStart && ms < this.#slotEnd) return this.#slot
    const found = Math.floor(ms / slot)
    this.#slot = found
    this.#slotStart = found * slot
    this.#slotEnd = this.#slotStart + slot
    if (found > this.#latestSlot) this.#latestSlot = found
    return found
  }

  /** Number of a service; 0 when it has no name. */
  #number(service: string): number {
    if (service === this.#names[this.#last]) return this.#last
    if (service === '') return 0
    let number = this.#numbers.get(service)
    if (number === undefined) {
      if (this.#names.length > MAX_SERVICES) {
        this.#refused++
        return 0
      }
      number = this.#names.push(service) - 1
      this.#numbers.set(service, number)
    }
    this.#last = number
    return number
  }
  #gone(template: Template): void {
    this.#counts.gone(template)
    if (template.into === undefined) return
    this.#renamed.set(template.serial, template)
    if (this.#renamed.size > MAX_RENAMED) this.#renamed.delete(this.#renamed.keys().next().value ?? 0)
  }

  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptMs < SWEEP_MS) return
    this.#sweptMs = nowMs
    const { history, slot } = this.#slots
    this.#counts.horizon = this.#latestSlot - Math.ceil(history / slot) - 1
  }

  #register(registry: Registry): void {
    const sizes = new Gauge({
      name: 'adf_log_templates',
      help: 'Log templates, and transitions and exception types counted beside them.',
      labelNames: ['what'],
      registers: [registry],
      collect: () => {
        sizes.set({ what: 'templates' }, this.#miner.size)
        sizes.set({ what: 'transitions' }, this.#counts.transitionTable.size)
        sizes.set({ what: 'exceptions' }, this.#counts.exceptionTable.size)
      },
    })
    const dropped = new Counter({
      name: 'adf_log_templates_dropped_total',
      help: 'Log templates, transitions, exception types and open spans that made room for others, templates that were merged, and records of services too many, by reason.',
      labelNames: ['reason'],
      registers: [registry],
      collect: () => {
        dropped.reset()
        dropped.inc({ reason: 'template_limit' }, this.#miner.evicted)
        dropped.inc({ reason: 'merged' }, this.#miner.merged)
        dropped.inc({ reason: 'transition_limit' }, this.#counts.transitionTable.evicted)
        dropped.inc({ reason: 'exception_limit' }, this.#counts.exceptionTable.evicted)
        dropped.inc({ reason: 'open_span_limit' }, this.#trails.lost)
        dropped.inc({ reason: 'service_limit' }, this.#refused)
      },
    })
  }
}
