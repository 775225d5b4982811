import { ORDERS } from './orders.ts'

/** One use of the Gaussian mechanism on a random part of the data. */
export interface GaussianStep {
  /** Probability with which each one takes part, by lot and told to nobody; 1: no gain from sampling. */
  readonly samplingRate: number
  /** Deviation of the noise, in sensitivities (here the norm that updates are clipped to). */
  readonly noiseMultiplier: number
}

/** A guarantee of (ε, δ)-differential privacy. */
export interface PrivacyGuarantee {
  readonly epsilon: number
  readonly delta: number
  /** The order that gave it: at either end of `ORDERS` a better one may lie beyond. */
  readonly order: number
}

/**
 * Rényi divergence of one step at each of `ORDERS`; that of several steps is their sum. Neighbours differ by one who takes part or not.
 * For q = 1: α/2σ² (I. Mironov: Rényi Differential Privacy, 2017). Else, at whole α, the exact
 * 1/(α−1) · log Σₖ C(α,k) (1−q)^(α−k) q^k exp((k²−k)/2σ²) (I. Mironov, K. Talwar, L. Zhang: Rényi Differential Privacy of the Sampled
 * Gaussian Mechanism, 2019, section 3.3); between whole ones the logarithm of the sum is convex in α, so that a straight line is never
 * below it.
 *
 * @throws RangeError for a rate that is not in [0, 1] or noise that is not above 0
 */
export function renyiOf({ samplingRate, noiseMultiplier }: GaussianStep): Float64Array {
  if (!(samplingRate >= 0 && samplingRate <= 1)) throw new RangeError(`sampling rate ${samplingRate}`)
  if (!(noiseMultiplier > 0 && noiseMultiplier < Number.POSITIVE_INFINITY))
    throw new RangeError(`noise multiplier ${noiseMultiplier}`)
  if (samplingRate === 0) return new Float64Array(ORDERS.length)
  if (samplingRate === 1) return Float64Array.from(ORDERS, (order) => order / (2 * noiseMultiplier ** 2))
  const moments = new Map<number, number>([[1, 0]])
  const at = (order: number) => {
    const known = moments.get(order) ?? logMoment(order, samplingRate, noiseMultiplier)
    moments.set(order, known)
    return known
  }
  return Float64Array.from(ORDERS, (order) => {
    const below = Math.floor(order)
    const part = order - below
    const moment = part === 0 ? at(below) : (1 - part) * at(below) + part * at(below + 1)
    // Sampling never costs: below 2 the line alone would say so.
    return Math.min(moment / (order - 1), order / (2 * noiseMultiplier ** 2))
  })
}

/**
 * The best guarantee that a sum of divergences gives (C. Canonne, G. Kamath, T. Steinke: The Discrete Gaussian for Differential Privacy, 2020,
 * proposition 12). Nothing spent is ε = 0.
 *
 * @param renyi as `renyiOf` gives it @throws RangeError for a δ that is not in (0, 1), or another number of divergences
 */
export function guaranteeOf(renyi: Float64Array, delta: number): PrivacyGuarantee {
  if (!(delta > 0 && delta < 1)) throw new RangeError(`delta ${delta}`)
  if (renyi.length !== ORDERS.length)
    throw new RangeError(`${renyi.length} divergences, there are ${ORDERS.length} orders`)
  if (renyi.every((divergence) => divergence === 0)) return { epsilon: 0, delta, order: ORDERS[0]! }
  let best: PrivacyGuarantee = { epsilon: Number.POSITIVE_INFINITY, delta, order: ORDERS[0]! }
  for (const [i, order] of ORDERS.entries()) {
    const epsilon = renyi[i]! + Math.log1p(-1 / order) - Math.log(delta * order) / (order - 1)
    if (epsilon < best.epsilon) best = { epsilon: Math.max(0, epsilon), delta, order }
  }
  return best
}

/** ε of so many equal steps: what a client has spent after as many updates, at a sampling rate of 1. @throws RangeError */
export function epsilonOf(step: GaussianStep, steps: number, delta: number): number {
  if (!Number.isInteger(steps) || steps < 0) throw new RangeError(`${steps} steps`)
  const renyi = renyiOf(step).map((divergence) => steps * divergence)
  return guaranteeOf(renyi, delta).epsilon
}

/** log Aα of the paper, summed from its largest term on. */
function logMoment(order: number, rate: number, noise: number): number {
  const terms = new Float64Array(order + 1)
  let logBinomial = 0
  for (let k = 0; k <= order; k++) {
    terms[k] =
      logBinomial + k * Math.log(rate) + (order - k) * Math.log1p(-rate) + (k * k - k) / (2 * noise * noise)
    logBinomial += Math.log((order - k) / (k + 1))
  }
  const largest = Math.max(...terms)
  return largest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - largest), 0))
}
