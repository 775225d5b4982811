import type { RecordSink } from '../line-mining.ts'
import type { LogOptions } from '../options.ts'
import { Owners } from '../owners.ts'
import type { Template } from '../template.ts'

type BySlot<Count> = Map<number, Count>

export interface TemplateTally {
  readonly template: Template
  /** Records, and those of them that belong to a span or trace. */
  readonly slots: BySlot<[number, number]>
}

export interface TransitionTally {
  readonly from: Template
  readonly to: Template
  readonly slots: BySlot<[number]>
}

export interface ExceptionTally {
  readonly service: number
  readonly type: string
  readonly example: string
  readonly slots: BySlot<[number]>
}

/** What was counted in a step. */
export interface StepCounts {
  readonly templates: readonly TemplateTally[]
  readonly transitions: readonly TransitionTally[]
  readonly exceptions: readonly ExceptionTally[]
}

/** Templates that come and go within one step, for each that is kept. */
const CHURN = 2

/** Counts what comes until it is taken. Bounded; what finds no room is counted. */
export class StepTally implements RecordSink {
  /** Of records, transitions and exceptions. */
  readonly lost = { records: 0, transitions: 0, exceptions: 0 }
  readonly #limits: LogOptions
  readonly #changed: (service: number) => void
  readonly #owners = new Owners()
  /** Of templates that are gone: others get them once their counts were taken. */
  #released: number[] = []
  /** By owner. */
  #templates: (TemplateTally | undefined)[] = []
  #used: TemplateTally[] = []
  #transitions = new Map<number, TransitionTally>()
  #exceptions = new Map<string, ExceptionTally>()

  /** @param changed is told of services whose templates are other ones now */
  constructor(limits: LogOptions, changed: (service: number) => void) {
    this.#limits = limits
    this.#changed = changed
  }

  owner(service: number): number {
    this.#changed(service)
    return this.#owners.take()
  }

  gone(template: Template): void {
    this.#changed(template.service)
    this.#released.push(template.owner)
  }

  record(template: Template, slot: number, traced: boolean): void {
    let tally = this.#templates[template.owner]
    if (tally === undefined) {
      if (this.#used.length >= CHURN * this.#limits.max_templates) {
        this.lost.records++
        return
      }
      tally = { template, slots: new Map() }
      this.#templates[template.owner] = tally
      this.#used.push(tally)
    }
    const counts = tally.slots.get(slot)
    if (counts === undefined) tally.slots.set(slot, [1, traced ? 1 : 0])
    else {
      counts[0]++
      if (traced) counts[1]++
    }
  }

  transition(from: Template, to: Template, slot: number): void {
    const key = from.serial * 2 ** 26 + to.serial
    let tally = this.#transitions.get(key)
    if (tally === undefined) {
      if (this.#transitions.size >= this.#limits.max_transitions) {
        this.lost.transitions++
        return
      }
      tally = { from, to, slots: new Map() }
      this.#transitions.set(key, tally)
    }
    countIn(tally.slots, slot)
  }

  exception(service: number, type: string, slot: number, example: () => string): void {
    const key = `${service}\n${type}`
    let tally = this.#exceptions.get(key)
    if (tally === undefined) {
      if (this.#exceptions.size >= this.#limits.max_exceptions) {
        this.lost.exceptions++
        return
      }
      tally = { service, type, example: example(), slots: new Map() }
      this.#exceptions.set(key, tally)
    }
    countIn(tally.slots, slot)
  }

  settle(): void {}

  /** What came since it was taken last. */
  take(): StepCounts {
    const templates = this.#used
    const transitions = [...this.#transitions.values()]
    const exceptions = [...this.#exceptions.values()]
    for (const { template } of templates) this.#templates[template.owner] = undefined
    this.#used = []
    this.#transitions = new Map()
    this.#exceptions = new Map()
    for (const owner of this.#released) this.#owners.give(owner)
    this.#released = []
    return { templates, transitions, exceptions }
  }
}

function countIn(slots: BySlot<[number]>, slot: number): void {
  const count = slots.get(slot)
  if (count === undefined) slots.set(slot, [1])
  else count[0]++
}
