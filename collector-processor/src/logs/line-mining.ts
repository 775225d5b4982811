import type { LogBatch, SpanBatch } from '../telemetry/batch.ts'
import { EMPTY } from '../telemetry/strings.ts'
import { Examples } from './examples.ts'
import { TemplateMiner } from './miner.ts'
import type { LogOptions, LogSlots } from './options.ts'
import { BodyScanner } from './scan-body.ts'
import type { ServiceNumbers } from './service-numbers.ts'
import type { Template } from './template.ts'
import { Trails } from './trails.ts'

const decoder = new TextDecoder()

/** Takes what is counted. */
export interface RecordSink {
  /** A place for the counts of a new template of a service. */
  owner(service: number): number
  /** No line will be given to this template any more (miner.ts). */
  gone(template: Template): void
  /** @param traced it belongs to a span or trace */
  record(template: Template, slot: number, traced: boolean): void
  /** `to` came after `from` in a span; counted in the slot of `from`, so that its share of those is exact. */
  transition(from: Template, to: Template, slot: number): void
  exception(service: number, type: string, slot: number, example: () => string): void
  /** A batch is over. */
  settle(): void
}

/**
 * Cuts log records and events of spans into lines, mines their templates, and tells what is to be counted. Pure: time comes with the
 * calls. Bounded by the options.
 */
export class LineMining {
  readonly miner: TemplateMiner
  readonly examples: Examples
  readonly trails: Trails
  readonly #services: ServiceNumbers
  readonly #slots: LogSlots
  readonly #sink: RecordSink
  readonly #scanner: BodyScanner
  /** Template of each row of the batch. */
  readonly #mined: (Template | undefined)[] = []
  #order = new Uint32Array(0)
  #nowMs = Number.NEGATIVE_INFINITY
  #latestSlot = Number.NEGATIVE_INFINITY
  #slot = 0
  #slotStart = 0
  #slotEnd = 0
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

  constructor(options: LogOptions, slots: LogSlots, services: ServiceNumbers, sink: RecordSink) {
    this.#slots = slots
    this.#services = services
    this.#sink = sink
    this.#scanner = new BodyScanner(options.max_line)
    this.trails = new Trails(options.max_open_spans)
    this.miner = new TemplateMiner(options, sink)
    this.examples = new Examples(this.miner)
  }

  /** The latest slot of any record. */
  get latestSlot(): number {
    return this.#latestSlot
  }

  /** Gives each record the serial of its template, and tells them. */
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
      const service = this.#services.of(resources[resource[row]!]?.service ?? '')
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
    this.#sink.settle()
  }

  /** Tells the events of spans: each is a record of its span's service. */
  spans(batch: SpanBatch, arrivalMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, arrivalMs)
    for (let event = 0; event < batch.events; event++) {
      const row = batch.eventRow[event]!
      const service = this.#services.of(batch.resources[batch.resource[row]!]?.service ?? '')
      if (service === 0 || batch.repeated[row] === 1) continue
      const [start, end] = [batch.eventStart[event]!, batch.eventEnd[event]!]
      const slot = this.#slotOf(batch.eventMs[event]!)
      if (end > start) this.#sink.record(this.#mine(service, batch.bytes, start, end, false), slot, false)
      if (batch.eventException[event] !== EMPTY)
        this.#exception(batch, service, batch.eventException[event]!, batch.eventMs[event]!, start, end)
    }
    this.#sink.settle()
  }

  #mine(service: number, bytes: Uint8Array, start: number, end: number, map: boolean): Template {
    this.#bytes = bytes
    this.#start = start
    this.#end = end
    this.#map = map
    const line = this.#scanner.scan(bytes, start, end, map)
    return this.examples.found(this.miner.mine(service, line, bytes, this.#example))
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
    this.#sink.exception(service, strings.get(type), this.#slotOf(timeMs), example)
  }

  #count(batch: LogBatch, row: number): void {
    const template = this.#mined[row]
    if (template === undefined) return
    const timeMs = batch.timeMs[row]!
    // of a trace where there is no span: its records follow each other as well
    const span0 = batch.span0[row]!
    const span1 = batch.span1[row]!
    const traced = (span0 | span1 | batch.trace2[row]! | batch.trace3[row]!) !== 0
    this.#sink.record(template, this.#slotOf(timeMs), traced)
    if (!traced) return
    const a = Math.imul(span1 ^ Math.imul(batch.trace3[row]!, 0x85ebca6b), 0x9e3779b1) ^ template.service
    const b = Math.imul(span0 ^ batch.trace2[row]! ^ Math.imul(template.service, 0xc2b2ae35), 0x27d4eb2f)
    const before = this.trails.step(a ^ (a >>> 15), b, timeMs, template)
    if (before !== undefined) this.#sink.transition(before, template, this.#slotOf(this.trails.beforeMs))
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
}
