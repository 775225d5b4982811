/** probability = 1 / (1 + exp(−(slope · value + shift))) */
export interface Sigmoid {
  readonly slope: number
  readonly shift: number
}

const ITERATIONS = 100

/**
 * The sigmoid that makes probabilities of decision values, by maximum likelihood with targets drawn in a little ((n₊ + 1)/(n₊ + 2), 1/(n₋ + 2)),
 * so that separable values do not give certainty. Newton's method with backtracking; the minimum is unique.
 *
 * @param values of vectors that the classifier was not fitted on, @param labels 1 anomalous, 0 normal, @param weights of each, > 0
 *
 * Source: J. Platt: Probabilistic outputs for support vector machines (1999), as H.-T. Lin, C.-J. Lin, R. Weng (2007) solve it.
 */
export function fitSigmoid(values: Float64Array, labels: Uint8Array, weights: Float64Array): Sigmoid {
  let anomalous = 0
  let normal = 0
  for (const [i, label] of labels.entries())
    if (label === 1) anomalous += weights[i]!
    else normal += weights[i]!
  const high = (anomalous + 1) / (anomalous + 2)
  const low = 1 / (normal + 2)
  // Values of any size: Newton's steps are taken in their largest one.
  const unit = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-300)
  const points = Array.from(values, (value, i) => ({
    value: value / unit,
    target: labels[i] === 1 ? high : low,
    weight: weights[i]!,
  }))
  let slope = 0
  let shift = Math.log((anomalous + 1) / (normal + 1))
  let loss = lossOf(points, slope, shift)
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    let [g1, g2, h11, h22, h12] = [0, 0, 1e-12, 1e-12, 0]
    for (const { value, target, weight } of points) {
      const p = logistic(slope * value + shift)
      const curve = weight * p * (1 - p)
      g1 += weight * (p - target) * value
      g2 += weight * (p - target)
      h11 += curve * value * value
      h22 += curve
      h12 += curve * value
    }
    if (Math.abs(g1) < 1e-10 && Math.abs(g2) < 1e-10) break
    const determinant = h11 * h22 - h12 * h12
    const toSlope = -(h22 * g1 - h12 * g2) / determinant
    const toShift = -(h11 * g2 - h12 * g1) / determinant
    const expected = g1 * toSlope + g2 * toShift
    let step = 1
    while (step > 1e-10) {
      const next = lossOf(points, slope + step * toSlope, shift + step * toShift)
      if (next < loss + 1e-4 * step * expected) {
        slope += step * toSlope
        shift += step * toShift
        loss = next
        break
      }
      step /= 2
    }
    // No step is better than none: as near as rounding lets it come.
    if (step <= 1e-10) break
  }
  return { slope: slope / unit, shift }
}

/** Without overflow for any argument. */
export function logistic(x: number): number {
  const e = Math.exp(-Math.abs(x))
  return x >= 0 ? 1 / (1 + e) : e / (1 + e)
}

interface Point {
  readonly value: number
  readonly target: number
  readonly weight: number
}

function lossOf(points: readonly Point[], slope: number, shift: number): number {
  let loss = 0
  for (const { value, target, weight } of points) {
    const x = slope * value + shift
    // −target·log p − (1 − target)·log(1 − p), without overflow.
    loss += weight * (Math.max(0, x) - target * x + Math.log1p(Math.exp(-Math.abs(x))))
  }
  return loss
}
