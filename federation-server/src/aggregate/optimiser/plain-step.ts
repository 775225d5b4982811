import {
  moved,
  type OptimiserState,
  type OptimiserStep,
  type ServerOptimiser,
  sameLength,
} from './server-optimiser.ts'

/** Adds the aggregate, times a rate: with a rate of 1 what FedAvg does. */
export class PlainStep implements ServerOptimiser {
  readonly name = 'plain'
  readonly #rate: number

  constructor(rate = 1) {
    this.#rate = rate
  }

  begin(): OptimiserState {
    return { steps: 0, moments: [] }
  }

  step(weights: Float32Array, update: Float64Array, state: OptimiserState): OptimiserStep {
    sameLength(weights.length, update)
    return { weights: moved(weights, update, this.#rate), state: { steps: state.steps + 1, moments: [] } }
  }
}
