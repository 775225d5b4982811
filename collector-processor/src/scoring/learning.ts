import type { Judgement } from '@adf/detectors'
import type { ScoringMetrics } from './metrics.ts'
import type { ScoringOptions } from './options.ts'
import type { Disturbance } from './ports.ts'
import type { Scored } from './scored.ts'
import type { EntityState } from './state/entity-state.ts'
import type { Trainer } from './training/trainer.ts'
import type { FeatureVector } from './vector.ts'

/**
 * What is learned, and when it is fitted anew.
 *
 * A vector is learned unless it is anomalous, over a fixed limit, or an incident is open on its entity; during the warm-up every
 * vector but the very first ones (`settle`) is, or an entity that is always over a limit would never be scored. The exceptions are
 * bounded (`Learner.relearnAfter`): an incident that stays open for longer does not stop learning any more, and what is
 * anomalous for so long is the new normal. It is so much sooner when nothing else is wrong: no other entity has a part in the incident, and
 * users do not feel it.
 */
export class Learning {
  readonly #disturbance: Disturbance
  readonly #trainer: Trainer
  readonly #metrics: ScoringMetrics
  readonly #settle: number
  readonly #fitted: (state: EntityState) => void

  /** @param fitted told when an entity was fitted from scratch or anew */
  constructor(
    options: ScoringOptions,
    disturbance: Disturbance,
    trainer: Trainer,
    metrics: ScoringMetrics,
    fitted: (state: EntityState) => void,
  ) {
    this.#disturbance = disturbance
    this.#trainer = trainer
    this.#metrics = metrics
    this.#settle = options.settle
    this.#fitted = fitted
  }

  /** @param scored undefined while warming up @param limited a fixed limit is violated @returns whether it counts as normal */
  learn(
    state: EntityState,
    vector: FeatureVector,
    judgement: Judgement,
    scored: Scored | undefined,
    limited: boolean,
  ): boolean {
    const { learner } = state
    const { values, timeMs } = vector
    if (learner === undefined) return false
    const process = state.entity.kind !== 'event'
    if (process && !learner.ready && learner.learned === 0 && state.settled < this.#settle) {
      state.settled++
      return false
    }
    // A threshold tuned low must not keep ordinary vectors out: the calibration would shrink, and flag ever more. One tuned beyond 1
    // must not let in what is rarer than one in a million: it would widen, and the threshold would silence more than it was set to.
    const threshold = Math.max(Math.min(1, state.threshold), state.initialThreshold)
    const odd = learner.ready && judgement.severity >= threshold
    const disturbance = this.#disturbance(state.entity)
    state.frozen = disturbance === 'none' ? 0 : state.frozen + 1
    const withheld = limited || (state.frozen > 0 && state.frozen <= learner.relearnAfter)
    const deployed = state.runs(vector.version)
    const incidentOpen = disturbance === 'wider' || (scored !== undefined && suffers(scored))
    const surroundings = { odd, threshold, withheld, incidentOpen, deployed }
    const drift = learner.take(values, judgement, timeMs, surroundings)
    if (drift !== undefined) this.#metrics.drifts.inc()
    state.dirty = true
    this.#train(state)
    return learner.ready && !odd && !withheld
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

/** Share of an anomaly from which a feature is part of it. */
const PART = 0.2

/** What users feel is off: that is an incident, not another way to be normal. */
function suffers({ vector, contributions }: Scored): boolean {
  const symptoms = vector.stream.features.filter(({ symptom }) => symptom)
  return contributions.some(
    ({ feature, share }) => share >= PART && symptoms.some(({ name }) => name === feature),
  )
}
