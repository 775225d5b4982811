import { normal } from '@adf/detectors'
import { norm } from '../../vector/vector.ts'
import type { Attack } from '../attack.ts'
import { moments } from '../moments.ts'

/** Of the deviation of the honest: as much as one of them differs from the others. */
const NOISE = 1

/**
 * An attack whose attackers would all send the same, by ones who know that likeness is looked for: each adds noise of its own, as large as
 * what tells honest clients apart, and keeps the length.
 */
export const disguised = ({ name, craft }: Attack): Attack => ({
  name: `${name}_disguised`,
  craft: (view) => {
    const { deviation } = moments(view.honest)
    return craft(view).map((update) => {
      const noisy = update.map((value, i) => value + NOISE * deviation[i]! * normal(view.rng))
      const length = norm(noisy)
      const factor = length === 0 ? 1 : norm(update) / length
      return noisy.map((value) => factor * value)
    })
  },
})
