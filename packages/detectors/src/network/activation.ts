/** By the exponential: several times faster than Math.tanh, and as exact as single precision needs. */
export const tanh = (x: number): number => 1 - 2 / (Math.exp(2 * x) + 1)

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
