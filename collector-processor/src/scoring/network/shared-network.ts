import type { Feature, NetworkSpec, Weights } from '@adf/detectors'

/** The network of a stream, for who trains it beside the engine. */
export interface SharedNetwork {
  readonly stream: string
  /** Of the detector that has it. */
  readonly name: string
  readonly network: NetworkSpec
  readonly features: readonly Feature[]
  /** Those that judge now; undefined until the first training. */
  readonly weights: Weights | undefined
  /** Whether there is anything to train on yet. */
  readonly hasData: boolean
  /** Whether there is anything to compare weights on yet. */
  readonly hasHeldOut: boolean
  /** Copies of runs of normal vectors, row by row: to train on, and others that nothing is ever trained on. */
  runs(): { readonly training: Float64Array[]; readonly heldOut: Float64Array[] }
  /** From now on these judge, and after a restart. Nothing else that was learned changes. @throws RangeError when they are of another network */
  adopt(weights: Weights): Promise<void>
}
