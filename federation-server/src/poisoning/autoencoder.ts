import { initialWeights } from '@adf/detectors/network'

/** Weights of a network of one hidden layer, laid out as `weightLayers` has an autoencoder, with what Adam remembers. */
export interface Autoencoder {
  readonly inputs: number
  readonly hidden: number
  readonly weights: Float64Array
  readonly first: Float64Array
  readonly second: Float64Array
  readonly steps: number
}

export function newAutoencoder(inputs: number, hidden: number, seed: number): Autoencoder {
  const { values } = initialWeights({ kind: 'autoencoder', inputs, hidden: [hidden] }, seed)
  const zeros = () => new Float64Array(values.length)
  return { inputs, hidden, weights: Float64Array.from(values), first: zeros(), second: zeros(), steps: 0 }
}

/**
 * Learns to reproduce rows through a narrow layer: whole batches, so that the result depends on nothing but rows and weights. A hidden layer of
 * tanh, a linear one out. Small enough to be trained at once between two rounds; the networks of `@adf/detectors` are trained by
 * TensorFlow.js, asynchronously and in a worker, which a pure function cannot be.
 *
 * G. E. Hinton, R. S. Zemel 1993; D. P. Kingma, J. Ba 2015 (Adam).
 */
export function train(
  net: Autoencoder,
  rows: readonly Float64Array[],
  epochs: number,
  rate = RATE,
): Autoencoder {
  if (rows.length === 0) return net
  const weights = net.weights.slice()
  const first = net.first.slice()
  const second = net.second.slice()
  let { steps } = net
  const gradient = new Float64Array(weights.length)
  const layer = new Layer(net)
  for (let epoch = 0; epoch < epochs; epoch++) {
    gradient.fill(0)
    for (const row of rows) layer.addGradient(weights, row, gradient, 1 / rows.length)
    steps++
    const c1 = 1 - BETA1 ** steps
    const c2 = 1 - BETA2 ** steps
    for (let i = 0; i < weights.length; i++) {
      first[i] = BETA1 * first[i]! + (1 - BETA1) * gradient[i]!
      second[i] = BETA2 * second[i]! + (1 - BETA2) * gradient[i]! ** 2
      weights[i]! -= (rate * (first[i]! / c1)) / (Math.sqrt(second[i]! / c2) + 1e-8)
    }
  }
  return { ...net, weights, first, second, steps }
}

/** Mean square of what the network does not reproduce of a row. */
export const reconstructionError = (net: Autoencoder, row: Float64Array): number =>
  new Layer(net).error(net.weights, row)

const RATE = 0.01
const BETA1 = 0.9
const BETA2 = 0.999

/** Room for one row's way through the network and back. */
class Layer {
  readonly #inputs: number
  readonly #hidden: number
  readonly #active: Float64Array
  readonly #off: Float64Array

  constructor({ inputs, hidden }: Autoencoder) {
    this.#inputs = inputs
    this.#hidden = hidden
    this.#active = new Float64Array(hidden)
    this.#off = new Float64Array(inputs)
  }

  error(weights: Float64Array, row: Float64Array): number {
    const inputs = this.#inputs
    const hidden = this.#hidden
    const bias = inputs * hidden
    const out = bias + hidden
    const outBias = out + hidden * inputs
    for (let h = 0; h < hidden; h++) {
      let sum = weights[bias + h]!
      for (let i = 0; i < inputs; i++) sum += row[i]! * weights[i * hidden + h]!
      this.#active[h] = Math.tanh(sum)
    }
    let squares = 0
    for (let i = 0; i < inputs; i++) {
      let sum = weights[outBias + i]!
      for (let h = 0; h < hidden; h++) sum += this.#active[h]! * weights[out + h * inputs + i]!
      this.#off[i] = sum - row[i]!
      squares += this.#off[i]! ** 2
    }
    return squares / inputs
  }

  addGradient(weights: Float64Array, row: Float64Array, gradient: Float64Array, share: number): void {
    this.error(weights, row)
    const inputs = this.#inputs
    const hidden = this.#hidden
    const bias = inputs * hidden
    const out = bias + hidden
    const outBias = out + hidden * inputs
    const factor = (2 * share) / inputs
    for (let i = 0; i < inputs; i++) gradient[outBias + i]! += factor * this.#off[i]!
    for (let h = 0; h < hidden; h++) {
      const active = this.#active[h]!
      let back = 0
      for (let i = 0; i < inputs; i++) {
        const off = factor * this.#off[i]!
        gradient[out + h * inputs + i]! += off * active
        back += off * weights[out + h * inputs + i]!
      }
      back *= 1 - active * active
      gradient[bias + h]! += back
      for (let i = 0; i < inputs; i++) gradient[i * hidden + h]! += back * row[i]!
    }
  }
}
