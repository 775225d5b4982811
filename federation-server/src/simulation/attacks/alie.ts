import type { Attack } from '../attack.ts'
import { moments } from '../moments.ts'

/**
 * How many standard deviations off. The paper's formula for three attackers of ten gives 0.18, which does nothing; at 1 an attacker is
 * still nearer to the mean than a typical honest client.
 */
const DEVIATIONS = 1

/**
 * In each coordinate the mean of the honest less some of their standard deviation: the same small lie everywhere, within what they differ by.
 *
 * M. Baruch, G. Baruch, Y. Goldberg, "A Little Is Enough: Circumventing Defenses For Distributed Learning", NeurIPS 2019.
 */
export const alie: Attack = {
  name: 'alie',
  craft({ own, honest }) {
    const { mean, deviation } = moments(honest)
    return own.map(() => Float32Array.from(mean, (value, i) => value - DEVIATIONS * deviation[i]!))
  },
}
