import { type CostOptions, missed } from '../cost.ts'
import type { History } from '../history.ts'
import { LEVELS, levelOf, severityOf } from '../severity.ts'
import { logistic, logit } from './normal.ts'
import { densityOf, type Pool } from './pool.ts'

export interface PriorOptions {
  /** Verdicts that the start is worth: that the untuned threshold is where useful and noise balance. */
  readonly worth: number
  /** How fast episodes grow more useful with severity: log-odds in a unit of severity. */
  readonly slope: number
  /** Farthest that the prior goes from balance, in log-odds. */
  readonly most: number
}

export const PRIOR: PriorOptions = { worth: 4, slope: 6, most: 2 }

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
  const miss = missed(history.initial, cost, 0)
  const balance = logit(Math.min(0.95, Math.max(0.05, cost.falsePositive / (cost.falsePositive + miss))))
  for (let level = 0; level < LEVELS; level++) {
    const away = prior.slope * (severityOf(level) - severityOf(start))
    const first = logistic(balance + Math.max(-prior.most, Math.min(prior.most, away)))
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
