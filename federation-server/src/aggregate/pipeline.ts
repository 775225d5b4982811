import type { Aggregation, AggregationRound, Aggregator, LeftOut, PreStep } from './aggregator.ts'
import { byClientId } from './soundness.ts'

/** Pre-steps one after the other, then a rule: withstands what each of them does. */
export class Pipeline implements Aggregator {
  readonly name: string
  readonly #steps: readonly PreStep[]
  readonly #rule: Aggregator

  constructor(steps: readonly PreStep[], rule: Aggregator) {
    this.name = [...steps, rule].map(({ name }) => name).join('+')
    this.#steps = steps
    this.#rule = rule
  }

  fewest(faulty: number): number {
    return Math.max(...[...this.#steps, this.#rule].map((part) => part.fewest(faulty)))
  }

  aggregate(round: AggregationRound): Aggregation {
    let { updates } = round
    const leftOut: LeftOut[] = []
    for (const step of this.#steps) {
      const prepared = step.apply({ ...round, updates })
      updates = prepared.updates
      leftOut.push(...prepared.leftOut)
    }
    const { update, leftOut: rest } = this.#rule.aggregate({ ...round, updates })
    return { update, leftOut: [...leftOut, ...rest].toSorted(byClientId) }
  }
}
