import { SlotHistory } from '../graph/slot-history.ts'
import { SlotSeries } from '../graph/slots.ts'
import type { RecordSink } from './line-mining.ts'
import { Owners } from './owners.ts'
import { type Subject, SubjectTable } from './subject-table.ts'
import { canonical, type Template } from './template.ts'

/** Sums in a slot: of a template all records, and those that belong to a span or trace. */
export const TemplateSlot = { records: 0, traced: 1 } as const

/** Cells (template, transition or exception × slot) kept in each series at most; the largest takes 40 bytes a cell. */
const MAX_CELLS = 1 << 19
/** Templates that became others, kept with their counts. */
const MAX_MERGED = 4096

export interface Transition extends Subject {
  readonly from: Template
  readonly to: Template
}

export interface ExceptionType extends Subject {
  readonly type: string
  readonly example: string
}

export interface CountLimits {
  readonly max_transitions: number
  readonly max_exceptions: number
}

/** What the logs of each service said, per slot of event time: templates, transitions between them, exceptions. */
export class LogCounts implements RecordSink {
  readonly templates = new SlotSeries(2, MAX_CELLS)
  readonly transitions = new SlotSeries(1, MAX_CELLS)
  readonly exceptions = new SlotSeries(1, MAX_CELLS)
  /** Records of each service, by its number; those of all together under 0. */
  readonly services = new SlotSeries(1, MAX_CELLS)
  readonly history = new SlotHistory([
    [this.templates, MAX_CELLS],
    [this.transitions, MAX_CELLS],
    [this.exceptions, MAX_CELLS],
    [this.services, MAX_CELLS],
  ])
  readonly transitionTable: SubjectTable<number, Transition>
  readonly exceptionTable: SubjectTable<string, ExceptionType>
  /** Templates that became others, oldest first. */
  readonly merged: Template[] = []
  /** By the owner of a template: its last transition, since it mostly follows the same. */
  readonly #recent: (Transition | undefined)[] = []
  /** Records of one service in one slot that are not in `services` yet. */
  #runService = 0
  #runSlot = 0
  #runRecords = 0
  readonly #owners = new Owners()
  readonly #became: (template: Template) => void

  /** @param became is told of each template that is part of another one from now on */
  constructor(limits: CountLimits, became: (template: Template) => void) {
    this.#became = became
    this.transitionTable = new SubjectTable(limits.max_transitions, (owner) => this.transitions.forget(owner))
    this.exceptionTable = new SubjectTable(limits.max_exceptions, (owner) => this.exceptions.forget(owner))
  }

  owner(): number {
    return this.#owners.take()
  }

  /** A template was evicted, or merged into another, whose history its counts still are. */
  gone(template: Template): void {
    if (template.into !== undefined) this.#became(template)
    if (template.into !== undefined && template.hits > 0) {
      this.merged.push(template)
      if (this.merged.length > MAX_MERGED) this.#release(this.merged.shift())
    } else this.#release(template)
  }

  record(template: Template, slot: number, traced: boolean): void {
    if (traced) this.templates.add2(template.owner, slot, TemplateSlot.records, 1, TemplateSlot.traced, 1)
    else this.templates.add(template.owner, slot, TemplateSlot.records, 1)
    this.#run(template.service, slot, 1)
  }

  /** Many records of a slot at once, `traced` of them of a span or trace. */
  records(template: Template, slot: number, records: number, traced: number): void {
    this.templates.add2(template.owner, slot, TemplateSlot.records, records, TemplateSlot.traced, traced)
    this.#run(template.service, slot, records)
  }

  #run(service: number, slot: number, records: number): void {
    if (service !== this.#runService || slot !== this.#runSlot) {
      this.settle()
      this.#runService = service
      this.#runSlot = slot
    }
    this.#runRecords += records
  }

  /** Hands on what is held back of the records of services; call it after each batch. */
  settle(): void {
    if (this.#runRecords === 0) return
    this.services.add(this.#runService, this.#runSlot, 0, this.#runRecords)
    this.services.add(0, this.#runSlot, 0, this.#runRecords)
    this.#runRecords = 0
  }

  transition(from: Template, to: Template, slot: number, count = 1): void {
    const recent = this.#recent[to.owner]
    if (recent !== undefined && recent.from === from && recent.to === to && !recent.gone && from.alive) {
      recent.hits++
      this.transitions.add(recent.owner, slot, 0, count)
      return
    }
    const before = canonical(from)
    const entry = this.transitionTable.intern(before.serial * 2 ** 26 + to.serial, (owner) => ({
      owner,
      service: to.service,
      hits: 0,
      gone: false,
      from: before,
      to,
    }))
    this.#recent[to.owner] = entry
    this.transitions.add(entry.owner, slot, 0, count)
  }

  exception(service: number, type: string, slot: number, example: () => string, count = 1): void {
    const entry = this.exceptionTable.intern(`${service}\n${type}`, (owner) => ({
      owner,
      service,
      hits: 0,
      gone: false,
      type,
      example: example(),
    }))
    this.exceptions.add(entry.owner, slot, 0, count)
    this.services.add(0, slot, 0, 0)
  }

  /** Slots before this one are no longer needed. */
  set horizon(slot: number) {
    for (const series of [this.templates, this.transitions, this.exceptions, this.services])
      series.horizon = slot
  }

  #release(template: Template | undefined): void {
    if (template === undefined) return
    this.templates.forget(template.owner)
    this.#owners.give(template.owner)
  }
}
