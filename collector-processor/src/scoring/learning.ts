import type { Judgement } from '@adf/detectors'
import type { ScoringMetrics } from './metrics.ts'
import type { ScoringOptions } from './options.ts'
import type { Frozen } from './ports.ts'
import type { EntityState } from './state/entity-state.ts'
import type { Trainer } from './training/trainer.ts'
import type { FeatureVector } from './vector.ts'

/**
 * What is learned, and when it is fitted anew.
 *
 * A vector is learned unless it is anomalous, over a fixed limit, or an incident is open on its entity; during the warm-up every
 * vector but the very first ones (`settle`) is, or an entity that is always over a limit would never be scored. The exceptions are
 * bounded (`Learner.relearnAfter`): an incident that stays open for longer does not stop learning any more, and what is
 * anomalous for so long is the new normal.
 */
export class Learning {
  readonly #frozen: Frozen
  readonly #trainer: Trainer
  readonly #metrics: ScoringMetrics
  readonly #settle: number
  readonly #fitted: (state: EntityState) => void

  /** @param fitted told when an entity was fitted from scratch or anew */
  constructor(
    options: ScoringOptions,
    frozen: Frozen,
    trainer: Trainer,
    metrics: ScoringMetrics,
    fitted: (state: EntityState) => void,
  ) {
    this.#frozen = frozen
    this.#trainer = trainer
    this.#metrics = metrics
    this.#settle = options.settle
    this.#fitted = fitted
  }

  /** @param limited a fixed limit is violated */
  learn(state: EntityState, vector: FeatureVector, judgement: Judgement, limited: boolean): void {
    const { learner } = state
    const { values, timeMs } = vector
    if (learner === undefined) return
    const process = state.entity.kind !== 'event'
    if (process && !learner.ready && learner.learned === 0 && state.settled < this.#settle) {
      state.settled++
      return
    }
    // A threshold tuned low must not keep ordinary vectors out: the calibration would shrink, and flag ever more.
    const odd = learner.ready && judgement.severity >= Math.max(state.threshold, state.initialThreshold)
    state.frozen = this.#frozen(state.entity) ? state.frozen + 1 : 0
    const withheld = limited || (state.frozen > 0 && state.frozen <= learner.relearnAfter)
    learner.take(values, judgement, timeMs, odd, withheld)
    state.dirty = true
    this.#train(state)
  }

  #train(state: EntityState): void {
    const { learner } = state
    const job = learner?.due()
    if (learner === undefined || job === undefined) return
    const { kind } = job
    const anew = learner.ready && kind === 'warm_up'
    this.#trainer.submit(job, (result) => {
      this.#metrics.jobs.inc({ kind, outcome: result === undefined ? 'lost' : 'done' })
      if (result === undefined) return learner.lose()
      learner.finish(result)
      this.#fitted(state)
      state.dirty = true
      if (anew) this.#metrics.relearned.inc()
    })
  }
}
