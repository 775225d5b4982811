/** Generalised Pareto: P(X > x) = (1 + shape·x/scale)^(-1/shape), exponential for shape 0. */
export interface Pareto {
  readonly scale: number
  readonly shape: number
}

/**
 * Fits a generalised Pareto distribution to excesses by the quasi-Bayesian estimator of J. Zhang and M. A. Stephens (A new and
 * efficient estimation method for the generalized Pareto distribution, Technometrics 51, 2009): close to maximum likelihood
 * where that exists, never fails to converge, O(n·√n). Falls back to the exponential (their mean) when there are too few
 * distinct values to tell a shape.
 *
 * @param excesses positive, ascending, not empty
 */
export function fitPareto(excesses: Float64Array): Pareto {
  const n = excesses.length
  const mean = excesses.reduce((a, b) => a + b / n, 0)
  const quarter = excesses[Math.max(0, Math.floor(n / 4 + 0.5) - 1)]!
  const largest = excesses[n - 1]!
  if (n < 5 || !(quarter > 0) || largest / quarter > 1e12 || largest / quarter < 1 + 1e-9)
    return { scale: mean, shape: 0 }
  const candidates = 30 + Math.floor(Math.sqrt(n))
  const thetas = new Float64Array(candidates)
  const likelihoods = new Float64Array(candidates)
  for (let j = 0; j < candidates; j++) {
    const theta = 1 / largest + (1 - Math.sqrt(candidates / (j + 0.5))) / (3 * quarter)
    const k = shapeAt(theta, excesses)
    thetas[j] = theta
    likelihoods[j] = n * (Math.log(-theta / k) - k - 1)
  }
  const best = likelihoods.reduce((a, b) => (b > a ? b : a), Number.NEGATIVE_INFINITY)
  let theta = 0
  let weights = 0
  for (let j = 0; j < candidates; j++) {
    const weight = Math.exp(likelihoods[j]! - best)
    if (!(weight > 0)) continue
    theta += thetas[j]! * weight
    weights += weight
  }
  theta /= weights
  const shape = shapeAt(theta, excesses)
  const scale = -shape / theta
  return Number.isFinite(scale) && scale > 0 ? { scale, shape } : { scale: mean, shape: 0 }
}

function shapeAt(theta: number, excesses: Float64Array): number {
  let sum = 0
  for (let i = 0; i < excesses.length; i++) sum += Math.log1p(-theta * excesses[i]!)
  return sum / excesses.length
}
