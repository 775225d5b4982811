import {
  moved,
  type OptimiserState,
  type OptimiserStep,
  type ServerOptimiser,
  sameLength,
} from './server-optimiser.ts'

/**
 * Goes on in the direction of earlier rounds, which evens out whose turn it was: m ← β·m + (1 − β)·Δ, w ← w + rate·m. The (1 − β) keeps the
 * length of a step whatever β is.
 *
 * T.-M. H. Hsu, H. Qi, M. Brown, "Measuring the Effects of Non-Identical Data Distribution for Federated Visual Classification", 2019.
 */
export class Momentum implements ServerOptimiser {
  readonly name = 'momentum'
  readonly #rate: number
  readonly #beta: number

  /** @param beta share of the earlier rounds, from 0 to below 1 */
  constructor(rate = 1, beta = 0.9) {
    if (!(beta >= 0 && beta < 1)) throw new RangeError(`momentum of ${beta}`)
    this.#rate = rate
    this.#beta = beta
  }

  begin(length: number): OptimiserState {
    return { steps: 0, moments: [new Float64Array(length)] }
  }

  step(weights: Float32Array, update: Float64Array, state: OptimiserState): OptimiserStep {
    const [before] = state.moments
    sameLength(weights.length, update, before)
    const mean = update.map((value, i) => this.#beta * before![i]! + (1 - this.#beta) * value)
    return { weights: moved(weights, mean, this.#rate), state: { steps: state.steps + 1, moments: [mean] } }
  }
}
