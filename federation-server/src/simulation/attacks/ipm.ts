import type { Attack } from '../attack.ts'
import { moments } from '../moments.ts'

const EPSILON = 0.1

/**
 * The mean of the honest, backwards and short: near to honest updates that point in all directions, and yet of a negative inner product
 * with what should come out.
 *
 * C. Xie, O. Koyejo, I. Gupta, "Fall of Empires: Breaking Byzantine-tolerant SGD by Inner Product Manipulation", UAI 2019.
 */
export const ipm: Attack = {
  name: 'ipm',
  craft({ own, honest }) {
    const { mean } = moments(honest)
    return own.map(() => Float32Array.from(mean, (value) => -EPSILON * value))
  },
}
