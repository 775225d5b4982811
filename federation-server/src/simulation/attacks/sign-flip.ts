import type { Attack } from '../attack.ts'

const FACTOR = -4

/**
 * The own update with all signs turned, four times as long: three of ten then undo what seven learn.
 *
 * L. Li et al., "RSA: Byzantine-Robust Stochastic Aggregation Methods for Distributed Learning from Heterogeneous Datasets", AAAI 2019.
 */
export const signFlip: Attack = {
  name: 'sign_flip',
  craft: ({ own }) => own.map((values) => values.map((value) => FACTOR * value)),
}
