import {
  BOUNDS,
  type Case,
  createPolicy,
  type PolicyName,
  Reader,
  Tuner,
  thresholdOf,
  UNTUNED,
} from '@adf/alertmanager-webhook'
import type { ScoredEntity } from './scored-stream.ts'

/** A tuner in the run. */
export interface Contestant {
  readonly name: string
  /** Whether it hears of verdicts: one that does not is run once for all settings. */
  readonly hears: boolean
  /** A fresh one. @param seed of what it does at random */
  begin(entities: readonly ScoredEntity[], seed: number): Tuning
}

interface Tuning {
  observe(entity: number, peaks: ScoredEntity['peaks']): void
  /** Thresholds from now on, by entity. @param histories what is stored, by entity */
  thresholds(nowMinute: number, histories: readonly Case['history'][]): readonly number[]
}

/** As shipped: Q-learning with all guardrails. */
const adf: Contestant = {
  name: 'adf',
  hears: true,
  begin: (entities, seed) => {
    const tuner = new Tuner({ qLearning: { seed } })
    let records = entities.map(() => UNTUNED)
    return {
      observe: (entity, peaks) => tuner.observe(entities[entity]!.entity, peaks),
      thresholds: (nowMinute, histories) => {
        const cases = histories.map((history, i) => ({ history, record: records[i]!, burn: 0 }))
        records = [...tuner.tick({ nowMinute, cases }).records]
        return records.map((record, i) => thresholdOf(record, histories[i]!))
      },
    }
  },
}

/** A policy as published: its threshold is in force at once, with no guardrail but the bounds. */
const plain = (name: string, policy: PolicyName, hears: boolean): Contestant => ({
  name,
  hears,
  begin: (entities, seed) => {
    const own = createPolicy(policy, { thompson: { seed } }, BOUNDS, new Reader())
    let thresholds = entities.map(({ initial }) => initial)
    return {
      observe: (entity, peaks) => own.observe(entities[entity]!.entity, peaks),
      thresholds: (nowMinute, company) => {
        thresholds = company.map(
          (history, i) =>
            own.propose({ history, threshold: thresholds[i]!, nowMinute, company, burn: 0 }).threshold,
        )
        return thresholds
      },
    }
  },
})

export const contestants: readonly Contestant[] = [
  adf,
  plain('static', 'static', false),
  plain('spot', 'spot', false),
  plain('dspot', 'dspot', false),
  plain('aci', 'conformal', false),
  plain('thompson', 'thompson', true),
]
