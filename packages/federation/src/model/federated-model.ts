import type { FederatedModel } from '@adf/contract/federation'
import { initialWeights, type NetworkSpec, weightCount } from '@adf/detectors'

/** Of the weights of a run, 64 MiB: far more than a processor can train within its budget. */
export const MOST_WEIGHTS = 2 ** 24

/**
 * How many weights a model has.
 *
 * @throws RangeError when it has too many, or an input that is no feature
 */
export function modelSize({ features, network }: FederatedModel): number {
  if (network.inputs !== features.length)
    throw new RangeError(`${features.length} features for a network of ${network.inputs} inputs`)
  const count = weightCount(network)
  if (count > MOST_WEIGHTS) throw new RangeError(`${count} weights are more than ${MOST_WEIGHTS}`)
  return count
}

/** Version 0 of the global weights, which both ends work out. @throws RangeError as `modelSize` */
export function firstWeights(model: FederatedModel): Float32Array {
  modelSize(model)
  const network: NetworkSpec = model.network
  return initialWeights(network, model.seed).values
}
