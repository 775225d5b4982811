import type { Examples } from '../examples.ts'

/** What a part lost, so far. */
export interface PartLosses {
  readonly template_limit: number
  readonly transition_limit: number
  readonly exception_limit: number
  readonly open_span_limit: number
  readonly service_limit: number
}

/** A part of the logs that is mined in this process. */
export interface Part {
  readonly examples: Pick<Examples, 'dropped' | 'shed'>
  readonly losses: PartLosses
}

/** The parts that are mined in this process: what they lose, those that ended included, and their examples. */
export class Parts {
  readonly #parts = new Set<Part>()
  #losses: PartLosses = {
    ...{ template_limit: 0, transition_limit: 0 },
    ...{ exception_limit: 0, open_span_limit: 0, service_limit: 0 },
  }
  #dropped = 0
  #shedding = false

  join(part: Part): void {
    this.#parts.add(part)
    if (this.#shedding) part.examples.shed(true)
  }

  leave(part: Part): void {
    if (!this.#parts.delete(part)) return
    this.#losses = added(this.#losses, part.losses)
    this.#dropped += part.examples.dropped
  }

  get losses(): PartLosses {
    return [...this.#parts].reduce((sum, { losses }) => added(sum, losses), this.#losses)
  }

  /** Examples given up, or not kept, for want of memory. */
  get dropped(): number {
    return [...this.#parts].reduce((sum, { examples }) => sum + examples.dropped, this.#dropped)
  }

  shed(on: boolean): void {
    this.#shedding = on
    for (const { examples } of this.#parts) examples.shed(on)
  }
}

const added = (one: PartLosses, other: PartLosses): PartLosses => ({
  template_limit: one.template_limit + other.template_limit,
  transition_limit: one.transition_limit + other.transition_limit,
  exception_limit: one.exception_limit + other.exception_limit,
  open_span_limit: one.open_span_limit + other.open_span_limit,
  service_limit: one.service_limit + other.service_limit,
})
