import {
  moved,
  type OptimiserState,
  type OptimiserStep,
  type ServerOptimiser,
  sameLength,
} from './server-optimiser.ts'

/**
 * Momentum with a step of its own for each weight: m/(√v + τ), v the moving average of squares, both freed from their beginning at 0.
 * For layers that move by very different amounts. `tau` is how small a usual change is not to be blown up: of the size of the aggregate's values.
 *
 * S. J. Reddi et al., "Adaptive Federated Optimization", ICLR 2021 (FedAdam); D. P. Kingma, J. Ba 2015 (Adam).
 */
export class Adam implements ServerOptimiser {
  readonly name = 'adam'
  readonly #rate: number
  readonly #beta1: number
  readonly #beta2: number
  readonly #tau: number

  constructor({ rate = 1e-3, beta1 = 0.9, beta2 = 0.99, tau = 1e-3 } = {}) {
    for (const beta of [beta1, beta2]) if (!(beta >= 0 && beta < 1)) throw new RangeError(`a beta of ${beta}`)
    if (!(tau > 0)) throw new RangeError(`tau of ${tau}`)
    this.#rate = rate
    this.#beta1 = beta1
    this.#beta2 = beta2
    this.#tau = tau
  }

  begin(length: number): OptimiserState {
    return { steps: 0, moments: [new Float64Array(length), new Float64Array(length)] }
  }

  step(weights: Float32Array, update: Float64Array, state: OptimiserState): OptimiserStep {
    const [first, second] = state.moments
    sameLength(weights.length, update, first, second)
    const steps = state.steps + 1
    const mean = update.map((value, i) => this.#beta1 * first![i]! + (1 - this.#beta1) * value)
    const squares = update.map((value, i) => this.#beta2 * second![i]! + (1 - this.#beta2) * value * value)
    const c1 = 1 - power(this.#beta1, steps)
    const c2 = 1 - power(this.#beta2, steps)
    const direction = mean.map((value, i) => value / c1 / (Math.sqrt(squares[i]! / c2) + this.#tau))
    return { weights: moved(weights, direction, this.#rate), state: { steps, moments: [mean, squares] } }
  }
}

/** By squaring: products are the same bits everywhere, which `**` does not promise. */
function power(base: number, exponent: number): number {
  let result = 1
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= base
    base *= base
  }
  return result
}
