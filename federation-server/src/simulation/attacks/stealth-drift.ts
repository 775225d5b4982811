import type { Attack } from '../attack.ts'

/** Share of anomalies in what is learned, more with each round. */
const STEP = 0.04
/** Half: the other half keeps the update looking like one. */
const MOST = 0.5

/**
 * Honest at first, then a little more anomalous with each round: what is usual is learned to be so.
 *
 * After the boiling-frog attack: B. I. P. Rubinstein et al., "ANTIDOTE: Understanding and Defending against Poisoning of Anomaly Detectors", IMC 2009.
 */
export const stealthDrift: Attack = {
  name: 'stealth_drift',
  craft({ round, own, poisoned }) {
    const share = Math.min(MOST, STEP * (round - 1))
    const bad = poisoned()
    return own.map((values, k) => values.map((value, i) => (1 - share) * value + share * bad[k]![i]!))
  },
}
