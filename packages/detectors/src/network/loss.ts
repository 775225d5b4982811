import { INPUT_LIMIT } from './input-limit.ts'
import { kernelOf } from './kernel-of.ts'
import type { Weights } from './weights.ts'

/**
 * Mean square error of a network over histories, in standard deviations: what training lowers, here without TensorFlow.js. Of those that
 * predict, the first vector of each history is only looked at. NaN when there is nothing to predict.
 *
 * @param histories standardised, row by row, each as the network would see one entity from its start
 * @throws RangeError for a history that is not rows of the network's inputs
 */
export function networkLoss(weights: Weights, histories: readonly Float32Array[]): number {
  const kernel = kernelOf(weights)
  const width = weights.network.inputs
  const input = new Float64Array(width)
  const predicted = new Float64Array(width)
  let sum = 0
  let count = 0
  for (const [i, history] of histories.entries()) {
    if (history.length % width !== 0)
      throw new RangeError(`history ${i}: ${history.length} values are not rows of ${width}`)
    const context = new Float32Array(kernel.stateSize)
    const compare = () => {
      for (let f = 0; f < width; f++) sum += (input[f]! - predicted[f]!) ** 2
      count += width
    }
    for (let at = 0; at < history.length; at += width) {
      for (let f = 0; f < width; f++)
        input[f] = Math.max(-INPUT_LIMIT, Math.min(INPUT_LIMIT, history[at + f]!))
      if (kernel.predictsNext && at > 0) compare()
      kernel.step(input, context, predicted)
      if (!kernel.predictsNext) compare()
    }
  }
  return sum / count
}
