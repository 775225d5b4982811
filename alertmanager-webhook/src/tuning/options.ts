import { COST } from '../tuner/cost.ts'
import { CADENCE } from '../tuner/guard/cadence.ts'
import { ROLLBACK } from '../tuner/guard/rollback.ts'
import type { TunerOptions } from '../tuner/tuner.ts'
import type { Thresholding } from './config.ts'

const HOUR_MS = 3_600_000

/** The configuration as the tuner takes it. */
export function tunerOptions(config: Thresholding): TunerOptions {
  const { rl_tuner, cost, rollback } = config
  return {
    policy: config.policy,
    dryRun: config.dry_run,
    confidence: config.confidence,
    cadence: {
      ...CADENCE,
      verdicts: config.step_verdicts,
      hours: config.step_after / HOUR_MS,
      when: config.step_when,
    },
    rollback: {
      ...ROLLBACK,
      afterHours: rollback.after / HOUR_MS,
      afterVerdicts: rollback.verdicts,
      holdDays: rollback.hold / (24 * HOUR_MS),
    },
    cost: {
      ...COST,
      falsePositive: cost.false_positive,
      falseNegative: cost.false_negative,
      page: cost.page,
      pagesPerDay: cost.alerts_per_day,
    },
    qLearning: {
      learningRate: rl_tuner.learning_rate,
      epsilon: rl_tuner.epsilon,
      gamma: rl_tuner.discount,
      stepCost: rl_tuner.step_cost,
    },
  }
}
