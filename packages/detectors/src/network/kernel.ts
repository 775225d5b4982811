/**
 * A network that takes one vector at a time. It holds the weights, packed for speed, and room to work in; what it remembers of an
 * entity is the caller's `state`, so that all entities share one kernel. No step allocates.
 */
export interface Kernel {
  /** Values of the state; all 0 at the beginning. */
  readonly stateSize: number
  /** Whether the output is about the next vector, not about the input itself. */
  readonly predictsNext: boolean
  /** Takes a standardised vector in, and writes the prediction to `out`. Same length, same unit. */
  step(input: Float64Array, state: Float32Array, out: Float64Array): void
}
