import type { Judged } from '../history.ts'
import { LEVELS, levelOf } from '../severity.ts'
import { oddsOf } from './labels.ts'
import { logistic, logit } from './normal.ts'
import type { EvidenceOptions, Pool } from './pool.ts'
import type { Usefulness } from './usefulness.ts'

/** What is believed of the episodes of an entity: how many were useful and noise, by level of their peak. */
export interface Beliefs {
  readonly useful: Float64Array
  readonly noise: Float64Array
  readonly usefulness: Usefulness
}

/** Share of the incidents that nobody was alerted of that somebody reports. */
const REPORTED = 0.5

/**
 * Judged episodes by their verdicts (drawn towards what is believed of their like, so that one wrong verdict among many right ones is seen
 * through), all others by the share that is believed useful. A missed incident counts for itself and for those that nobody reports.
 */
export function beliefsOf(
  episodes: readonly Judged[],
  usefulness: Usefulness,
  pool: Pool,
  nowMinute: number,
  options: EvidenceOptions,
): Beliefs {
  const useful = new Float64Array(LEVELS)
  const noise = new Float64Array(LEVELS)
  for (const { peak, verdicts } of episodes) {
    const level = levelOf(peak)
    const share = usefulness.share[level]!
    const odds = verdicts.length === 0 ? 0 : oddsOf(verdicts, nowMinute, pool.trust, options)
    const believed = odds === 0 ? share : logistic(logit(share) + odds)
    const reported = verdicts.some(({ origin, value }) => origin === 'missed' && value === 'true_positive')
    useful[level]! += reported ? believed / REPORTED : believed
    noise[level]! += 1 - believed
  }
  return { useful, noise, usefulness }
}
