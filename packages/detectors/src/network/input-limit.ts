/**
 * Standard deviations that a network's inputs, and what it is trained to predict, are drawn in to: a far value is an anomaly, and what
 * follows it is judged better when it does not drown everything else in the context.
 */
export const INPUT_LIMIT = 5
