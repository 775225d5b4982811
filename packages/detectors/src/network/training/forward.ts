import * as tf from '@tensorflow/tfjs-core'
import type { AutoencoderSpec, LstmSpec, NetworkSpec, TcnSpec } from '../spec.ts'
import type { NamedTensors } from './variables.ts'

/** Predictions for a batch, and what an LSTM carries on to the steps that follow: output and cell of each layer. */
export interface Forward {
  readonly predicted: tf.Tensor3D
  readonly carried: tf.Tensor2D[]
}

/**
 * A network over a batch of sequences (sequences × steps × inputs), with the operations that every backend has gradients for: the
 * WebAssembly one has none for convolutions, so the TCN's are sums of products over shifted copies.
 */
export function forward(
  network: NetworkSpec,
  weights: NamedTensors,
  input: tf.Tensor3D,
  carried: readonly tf.Tensor2D[],
): Forward {
  if (network.kind === 'lstm') return lstm(network, weights, input, carried)
  const predicted =
    network.kind === 'tcn' ? tcn(network, weights, input) : autoencoder(network, weights, input)
  return { predicted, carried: [] }
}

/** What an LSTM carries into a sequence that nothing comes before. */
export function emptyCarried(network: NetworkSpec, sequences: number): tf.Tensor2D[] {
  if (network.kind !== 'lstm') return []
  return Array.from({ length: 2 * network.layers }, () => tf.zeros<tf.Rank.R2>([sequences, network.hidden]))
}

function autoencoder({ hidden }: AutoencoderSpec, weights: NamedTensors, input: tf.Tensor3D): tf.Tensor3D {
  let x = input
  for (let layer = 0; layer <= hidden.length; layer++) {
    const linear = dense(weights, `dense.${layer}`, x)
    x = layer < hidden.length ? tf.tanh(linear) : linear
  }
  return x
}

function lstm(
  { layers, hidden }: LstmSpec,
  weights: NamedTensors,
  input: tf.Tensor3D,
  before: readonly tf.Tensor2D[],
): Forward {
  const [sequences, steps] = input.shape
  let x = input
  const carried: tf.Tensor2D[] = []
  for (let layer = 0; layer < layers; layer++) {
    const recurrent = weights(`lstm.${layer}.recurrent`)
    const driven = affine(x, weights(`lstm.${layer}.kernel`), weights(`lstm.${layer}.bias`))
    let h = before[2 * layer]!
    let c = before[2 * layer + 1]!
    const outputs: tf.Tensor2D[] = []
    for (const step of alongTime(driven, sequences, steps)) {
      const gates = tf.add(step, tf.matMul(h, recurrent))
      const parts = tf.split<tf.Tensor2D>(gates, 4, 1)
      const [input, forget, cell, output] = [parts[0]!, parts[1]!, parts[2]!, parts[3]!]
      c = tf.add(tf.mul(tf.sigmoid(forget), c), tf.mul(tf.sigmoid(input), tf.tanh(cell)))
      h = tf.mul(tf.sigmoid(output), tf.tanh(c))
      outputs.push(h)
    }
    carried.push(h, c)
    x = tf.reshape(tf.concat(outputs, 1), [sequences, steps, hidden])
  }
  return { predicted: dense(weights, 'output', x), carried }
}

/** One matrix for each step. One step alone is not split: TensorFlow.js has no gradient for that. */
function alongTime(x: tf.Tensor3D, sequences: number, steps: number): tf.Tensor2D[] {
  const flat = tf.reshape<tf.Rank.R2>(x, [sequences, -1])
  return steps === 1 ? [flat] : tf.split(flat, steps, 1)
}

function tcn(
  { kernel, dilations, channels }: TcnSpec,
  weights: NamedTensors,
  input: tf.Tensor3D,
): tf.Tensor3D {
  const [sequences, steps] = input.shape
  let x = dense(weights, 'input', input)
  for (const [block, dilation] of dilations.entries()) {
    const padded = tf.pad(x, [
      [0, 0],
      [(kernel - 1) * dilation, 0],
      [0, 0],
    ])
    const taps = Array.from({ length: kernel }, (_, tap) =>
      tf.slice(padded, [0, tap * dilation, 0], [sequences, steps, channels]),
    )
    const flat = tf.reshape(weights(`block.${block}.kernel`), [kernel * channels, channels])
    x = tf.add(x, tf.relu(affine(tf.concat(taps, 2), flat, weights(`block.${block}.bias`))))
  }
  return dense(weights, 'output', x)
}

const dense = (weights: NamedTensors, name: string, x: tf.Tensor3D): tf.Tensor3D =>
  affine(x, weights(`${name}.kernel`), weights(`${name}.bias`))

function affine(x: tf.Tensor3D, kernel: tf.Tensor, bias: tf.Tensor): tf.Tensor3D {
  const [sequences, steps, from] = x.shape
  const product = tf.matMul(tf.reshape(x, [sequences * steps, from]), kernel)
  return tf.reshape(tf.add(product, bias), [sequences, steps, -1])
}
