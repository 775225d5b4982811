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
 * vector but the very first ones (`settle`) is, or an entity that is always over a limit would never be scored. The exceptions are bounded by
 * `relearnAfter` vectors (four refit intervals): an incident that stays open for longer does not stop learning any more, and
 * when anomalous vectors outnumber normal ones by so many, the level has changed for good and the entity is fitted from scratch
 * on its latest vectors, without a gap in its scores.
 */
export class Learning {
  readonly #frozen: Frozen
  readonly #trainer: Trainer
  readonly #metrics: ScoringMetrics
  readonly #initialThreshold: number
  readonly #settle: number
  readonly #relearnAfter: number
  readonly #sampleFrom: number

  constructor(options: ScoringOptions, frozen: Frozen, trainer: Trainer, metrics: ScoringMetrics) {
    this.#frozen = frozen
    this.#trainer = trainer
    this.#metrics = metrics
    this.#initialThreshold = options.initialThreshold
    this.#settle = options.settle
    this.#relearnAfter = Math.max(4 * options.refitEvery, 2 * options.warmUp)
    this.#sampleFrom = this.#relearnAfter - options.warmUp
  }

  /** @param learned calibrated score of the learner; `limited`: a fixed limit is violated */
  learn(state: EntityState, vector: FeatureVector, raw: number, learned: number, limited: boolean): void {
    const { learner } = state
    const { values, timeMs } = vector
    if (learner === undefined) return
    const process = state.entity.kind !== 'event'
    if (process && !learner.ready && learner.learned === 0 && state.settled < this.#settle) {
      state.settled++
      return
    }
    // A threshold tuned low must not keep ordinary vectors out: the calibration would shrink, and flag ever more.
    const odd = learner.ready && learned >= Math.max(state.threshold, this.#initialThreshold)
    state.anomalous = odd
      ? Math.min(this.#relearnAfter, state.anomalous + 1)
      : Math.max(0, state.anomalous - 1)
    state.frozen = this.#frozen(state.entity) ? state.frozen + 1 : 0
    const withheld = state.frozen > 0 && state.frozen <= this.#relearnAfter
    const normal = !learner.ready || !(odd || limited || withheld)
    if (normal && learner.ready) learner.learn(values, raw, timeMs)
    else if (learner.ready) learner.forgetWaiting()
    const lasting = learner.ready && state.anomalous > this.#sampleFrom
    if (lasting || (normal && !learner.ready)) learner.sample(values, timeMs)
    else if (learner.ready) learner.forgetSample()
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
      state.dirty = true
      if (!anew) return
      state.anomalous = 0
      this.#metrics.relearned.inc()
    })
  }
}
