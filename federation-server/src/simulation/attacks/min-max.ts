import { squaredDistance } from '../../vector/vector.ts'
import type { Attack } from '../attack.ts'
import { along, distanceAlong, largestGamma, squaredLength, wayOut } from './away.ts'

/**
 * As far out as no honest update is farther from it than the two farthest honest ones are from each other: no distance gives it away.
 * The paper searches for γ; distances along a line are parabolas, whose crossing is known.
 *
 * V. Shejwalkar, A. Houmansadr, "Manipulating the Byzantine: Optimizing Model Poisoning Attacks and Defenses for Federated Learning", NDSS 2021.
 */
export const minMax: Attack = {
  name: 'min_max',
  craft(view) {
    const { honest, own } = view
    const most = Math.max(...honest.flatMap((a) => honest.map((b) => squaredDistance(a, b))))
    const way = wayOut(view)
    const square = squaredLength(way)
    const gamma = Math.min(
      ...honest.map((update) => largestGamma(...distanceAlong(way, update), square, most)),
    )
    return own.map(() => along(way, gamma))
  },
}
