import type { BoundOptions } from '../bounds.ts'
import { BOUNDS, boundsOf, within } from '../bounds.ts'
import type { Entity } from '../entity.ts'
import type { Peak } from '../episode.ts'
import type { Json, Proposal, Situation, ThresholdPolicy } from '../policy.ts'
import { EntityStates } from './entity-states.ts'
import { checkSituation, directionOf } from './situation.ts'
import { checkSpot, extend, NO_TAIL, SPOT, type SpotOptions, type Tail } from './tail.ts'
import { readTail } from './tail-state.ts'

/**
 * SPOT: the threshold that a share q of the minutes of normal operation exceeds, by extreme value theory. Knows no verdicts: noise that is rare
 * stays, and it learns what many incidents look like as normal. Until it is calibrated, the untuned threshold.
 *
 * Source: A. Siffer et al.: Anomaly detection in streams with extreme value theory (KDD 2017), algorithm 2.
 */
export class SpotPolicy implements ThresholdPolicy {
  readonly name = 'spot'
  readonly #options: SpotOptions
  readonly #bounds: BoundOptions
  readonly #states = new EntityStates<Tail>(() => NO_TAIL)

  /** @throws TunerError */
  constructor(options: SpotOptions = SPOT, bounds: BoundOptions = BOUNDS, saved?: Json) {
    checkSpot(options)
    this.#options = options
    this.#bounds = bounds
    if (saved !== undefined) this.#states.load(saved, readTail)
  }

  observe(entity: Entity, peaks: readonly Peak[]): void {
    this.#states.observe(entity, peaks, (tail, severities) =>
      severities.reduce((before, severity) => extend(before, severity, this.#options), tail),
    )
  }

  propose(situation: Situation): Proposal {
    checkSituation(situation)
    const { history, threshold: from } = situation
    const z = this.#states.get(history.entity)?.z ?? history.initial
    const threshold = within(z, boundsOf(history.initial, this.#bounds))
    return { threshold, action: directionOf(from, threshold), state: '' }
  }

  save(): Json {
    return this.#states.save()
  }
}
