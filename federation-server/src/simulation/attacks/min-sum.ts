import { squaredDistance } from '../../vector/vector.ts'
import type { Attack } from '../attack.ts'
import { along, distanceAlong, largestGamma, squaredLength, wayOut } from './away.ts'

/**
 * As far out as the sum of its squared distances to the honest is no larger than that of the honest update for which it is largest: no sum of
 * distances, such as Krum's, gives it away.
 *
 * V. Shejwalkar, A. Houmansadr, "Manipulating the Byzantine: Optimizing Model Poisoning Attacks and Defenses for Federated Learning", NDSS 2021.
 */
export const minSum: Attack = {
  name: 'min_sum',
  craft(view) {
    const { honest, own } = view
    const sums = honest.map((a) => honest.reduce((sum, b) => sum + squaredDistance(a, b), 0))
    const way = wayOut(view)
    let constant = 0
    let linear = 0
    for (const update of honest) {
      const [one, other] = distanceAlong(way, update)
      constant += one
      linear += other
    }
    const gamma = largestGamma(constant, linear, honest.length * squaredLength(way), Math.max(...sums))
    return own.map(() => along(way, gamma))
  },
}
