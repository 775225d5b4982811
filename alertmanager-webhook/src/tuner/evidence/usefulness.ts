import { type CostOptions, DAY_MINUTES, missed } from '../cost.ts'
import type { History } from '../history.ts'
import { LEVELS, levelOf, severityOf } from '../severity.ts'
import type { PriorOdds } from './labels.ts'
import { logistic, logit } from './normal.ts'
import { densityOf, type Pool } from './pool.ts'

export interface PriorOptions {
  /** Verdicts that the start is worth: that the untuned threshold is where useful and noise balance. */
  readonly worth: number
  /** How fast episodes grow more useful with severity: log-odds in a unit of severity. */
  readonly slope: number
  /** Farthest that the prior goes from balance, in log-odds. */
  readonly most: number
  /** Incidents that an entity may have in a day: where there are more alerts, the more of them are noise. */
  readonly incidentsPerDay: number
}

export const PRIOR: PriorOptions = { worth: 4, slope: 6, most: 2, incidentsPerDay: 0.5 }

/** The prior of an entity, in log-odds. */
export const priorOdds =
  (cost: CostOptions, { slope, most, incidentsPerDay }: PriorOptions): PriorOdds =>
  ({ episodes, initial, fromMinute, toMinute }) => {
    const share = cost.falsePositive / (cost.falsePositive + missed(initial, cost, 0))
    const balance = logit(Math.min(0.95, Math.max(0.05, share)))
    const alerts = episodes.filter(({ startMinute, peak }) => startMinute >= fromMinute && peak >= initial)
    const days = Math.max(1, (toMinute - fromMinute) / DAY_MINUTES)
    const crowd = Math.max(0, Math.log(alerts.length / days / incidentsPerDay))
    return (peak) =>
      balance - Math.min(most, crowd) + Math.max(-most, Math.min(most, slope * (peak - initial)))
  }

/** What share of the episodes of an entity is useful, by level of their peak. */
export interface Usefulness {
  readonly share: Float64Array
  /** Verdicts that the share stands on, prior included. */
  readonly worth: Float64Array
}

/**
 * Three layers, each the prior of the next: the untuned threshold is right (a share at which an alert and a miss cost the same, growing with
 * severity); what is known of the kind; what is known of the entity. So nothing moves without verdicts, a quiet entity learns from those
 * of its kind, and one that is unlike them from its own.
 */
export function usefulnessOf(
  history: History,
  pool: Pool,
  cost: CostOptions,
  prior: PriorOptions = PRIOR,
): Usefulness {
  const share = new Float64Array(LEVELS)
  const worth = new Float64Array(LEVELS)
  const own = densityOf(pool, history)
  const start = levelOf(history.initial)
  const before = priorOdds(cost, prior)(history)
  for (let level = 0; level < LEVELS; level++) {
    const first = logistic(before(severityOf(level)))
    const at = level - start + LEVELS - 1
    // The entity's own labels are left out of the kind's, or they would count twice.
    const others = (of: 'useful' | 'noise') => Math.max(0, pool.all[of][at]! - own[of][at]!)
    const kindWorth = prior.worth + others('useful') + others('noise')
    const kind = (prior.worth * first + others('useful')) / kindWorth
    const strength = Math.min(kindWorth, prior.worth + pool.alike)
    worth[level] = strength + own.useful[at]! + own.noise[at]!
    share[level] = (strength * kind + own.useful[at]!) / worth[level]!
  }
  return { share, worth }
}
