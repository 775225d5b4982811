/** What an optimiser remembers of earlier steps: nothing, or vectors as long as the model. Plain data, to be kept with the weights. */
export interface OptimiserState {
  readonly steps: number
  readonly moments: readonly Float64Array[]
}

export interface OptimiserStep {
  readonly weights: Float32Array
  readonly state: OptimiserState
}

/**
 * Makes the next global weights of the present ones and the aggregate, as an optimiser does of a gradient (S. J. Reddi et al.,
 * "Adaptive Federated Optimization", ICLR 2021). Pure; the arguments are never written to.
 */
export interface ServerOptimiser {
  readonly name: string
  /** State of a run that begins. */
  begin(length: number): OptimiserState
  /** @throws RangeError when lengths differ, or a weight would not be finite: then the old weights hold */
  step(weights: Float32Array, update: Float64Array, state: OptimiserState): OptimiserStep
}

/** @throws RangeError */
export function sameLength(length: number, ...vectors: readonly (Float64Array | undefined)[]): void {
  for (const vector of vectors)
    if (vector?.length !== length) throw new RangeError(`${vector?.length} values for ${length} weights`)
}

/** weights + rate × direction, in float32. @throws RangeError */
export function moved(weights: Float32Array, direction: Float64Array, rate: number): Float32Array {
  const next = weights.map((weight, i) => weight + rate * direction[i]!)
  if (!next.every(Number.isFinite)) throw new RangeError('the step leads to weights that are not finite')
  return next
}
