import type { AggregationRound, Prepared, PreStep } from './aggregator.ts'
import { checked } from './checked.ts'

/** A pre-step that is left out in rounds of more updates than it can afford: what it would add is protection, what it would take is memory. */
export class UpTo implements PreStep {
  readonly name: string
  readonly #most: number
  readonly #step: PreStep

  constructor(most: number, step: PreStep) {
    this.name = step.name
    this.#most = most
    this.#step = step
  }

  fewest(faulty: number): number {
    return this.#step.fewest(faulty)
  }

  apply(round: AggregationRound): Prepared {
    return round.updates.length > this.#most
      ? { updates: checked(this, round), leftOut: [] }
      : this.#step.apply(round)
  }
}
