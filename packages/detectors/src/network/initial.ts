import { seeded } from '../statistics/sampling.ts'
import { type NetworkSpec, type WeightLayer, weightLayers } from './spec.ts'
import { makeWeights, type Weights } from './weights.ts'

/**
 * Weights to begin training with: the same bits on every machine for the same seed, since only sums, products and square roots
 * go into them. Federated clients begin with them instead of being sent them.
 *
 * Uniform by fan-in and fan-out (X. Glorot, Y. Bengio 2010), per gate for the LSTM; biases 0, those of the forget gates 1
 * (R. Jozefowicz et al. 2015).
 */
export function initialWeights(network: NetworkSpec, seed: number): Weights {
  const layers = weightLayers(network)
  const values = new Float32Array(layers.reduce((sum, { length }) => sum + length, 0))
  const rng = seeded(seed)
  for (const layer of layers) {
    const { name, shape, offset, length } = layer
    if (name.endsWith('.bias')) {
      const hidden = length / 4
      if (name.startsWith('lstm.')) values.fill(1, offset + hidden, offset + 2 * hidden)
      continue
    }
    const limit = Math.sqrt(6 / (fans(layer, shape) * branches(network, name)))
    for (let i = 0; i < length; i++) values[offset + i] = limit * (2 * rng() - 1)
  }
  return makeWeights(network, values, 0)
}

/** Residual blocks add up: each begins smaller, the more there are, so that their sum does not grow. */
const branches = (network: NetworkSpec, name: string): number =>
  network.kind === 'tcn' && name.startsWith('block.') ? network.dilations.length : 1

/** Inputs and outputs of one unit's layer: the kernel of an LSTM holds four, one for each gate. */
function fans({ name }: WeightLayer, shape: readonly number[]): number {
  const outputs = shape.at(-1)!
  const inputs = shape.slice(0, -1).reduce((a, b) => a * b, 1)
  return inputs + (name.startsWith('lstm.') ? outputs / 4 : outputs)
}
