import type { Entity } from '../entity.ts'
import { checkPeak, type Peak } from '../episode.ts'
import type { Json, Proposal, Situation, ThresholdPolicy } from '../policy.ts'
import { checkSituation } from './situation.ts'

/** Leaves every threshold where it began: what all others are measured against. */
export class StaticPolicy implements ThresholdPolicy {
  readonly name = 'static'

  observe(_entity: Entity, peaks: readonly Peak[]): void {
    for (const peak of peaks) checkPeak(peak)
  }

  propose(situation: Situation): Proposal {
    checkSituation(situation)
    return { threshold: situation.history.initial, action: 'none', state: '' }
  }

  save(): Json {
    return null
  }
}
