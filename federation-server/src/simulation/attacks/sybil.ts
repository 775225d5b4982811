import { normal } from '@adf/detectors'
import type { Attack } from '../attack.ts'
import { moments } from '../moments.ts'

/** Of the deviation of the honest: so that no two are equal. */
const NOISE = 0.1

/**
 * One attacker under several names: all send what the first learns of anomalies alone, each with a little noise.
 *
 * C. Fung, C. J. M. Yoon, I. Beschastnikh, "The Limitations of Federated Learning in Sybil Settings", RAID 2020.
 */
export const sybil: Attack = {
  name: 'sybil',
  craft({ own, poisoned, honest, rng }) {
    const [one] = poisoned()
    const { deviation } = moments(honest)
    return own.map(() => one!.map((value, i) => value + NOISE * deviation[i]! * normal(rng)))
  },
}
