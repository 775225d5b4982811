import type { Entity } from '@adf/contract'
import { HOST_FEATURES } from '@adf/contract'
import type { Collection, SeriesBudget } from './metric/metric-source.ts'
import { MetricState } from './metric/metric-state.ts'
import { type Evaluated, VectorQueue } from './vector-queue.ts'

/** What is known of one host. */
export class HostState {
  readonly entity: Entity
  readonly metrics: MetricState
  latest: Evaluated | undefined
  readonly #queue: VectorQueue

  constructor(entity: Entity, intervalMs: number, budget: SeriesBudget, dropped: () => void) {
    this.entity = entity
    this.#queue = new VectorQueue(dropped)
    this.metrics = new MetricState(intervalMs, budget, (collection) => this.#collected(collection))
  }

  /** The vectors of the collections that are complete, oldest first. */
  evaluate(quietMs: number, staleMs: number): readonly Evaluated[] {
    this.metrics.close(quietMs, staleMs)
    return this.#queue.take()
  }

  #collected(collection: Collection): void {
    if (this.metrics.tooSoon(collection, this.#queue.latestMs)) return
    const { timeMs, arrivalMs } = collection
    const values = new Float64Array(HOST_FEATURES.length).fill(Number.NaN)
    if (!this.metrics.fillHost(values, timeMs)) return
    this.latest = { timeMs, arrivalMs, values }
    this.#queue.put(this.latest)
  }
}
