import type { Attack } from '../attack.ts'

const FACTOR = -10

/**
 * The own update backwards and ten times as long, so that it outweighs the honest in a mean.
 *
 * After model replacement: E. Bagdasaryan et al., "How To Backdoor Federated Learning", AISTATS 2020.
 */
export const scaling: Attack = {
  name: 'scaling',
  craft: ({ own }) => own.map((values) => values.map((value) => FACTOR * value)),
}
