import * as tf from '@tensorflow/tfjs-core'
import { layers, type Sequential, sequential } from '@tensorflow/tfjs-layers'
import { beforeAll, describe, expect, it } from 'vitest'
import { normal, seeded } from '../statistics/sampling.ts'
import { initialWeights } from './initial.ts'
import { kernelOf } from './kernel-of.ts'
import { layerValues } from './layer-values.ts'
import type { AutoencoderSpec, LstmSpec, NetworkSpec, TcnSpec } from './spec.ts'
import { emptyCarried, forward } from './training/forward.ts'
import { startTensorFlow } from './training/tensorflow.ts'
import { Variables } from './training/variables.ts'
import { makeWeights, type Weights } from './weights.ts'

const STEPS = 200

beforeAll(startTensorFlow)

/** Biases and all. */
function randomWeights(network: NetworkSpec): Weights {
  const rng = seeded(7)
  return makeWeights(
    network,
    initialWeights(network, 3).values.map((value) => value + 0.05 * normal(rng)),
    0,
  )
}

function inputs(width: number): Float32Array {
  const rng = seeded(11)
  return Float32Array.from({ length: STEPS * width }, () => 1.5 * normal(rng))
}

/** Outputs of the streaming kernel, one step at a time, its state kept in between. */
function streamed(weights: Weights, sequence: Float32Array): Float64Array {
  const width = weights.network.inputs
  const kernel = kernelOf(weights)
  const state = new Float32Array(kernel.stateSize)
  const out = new Float64Array(sequence.length)
  for (let step = 0; step < STEPS; step++)
    kernel.step(
      Float64Array.from(sequence.subarray(step * width, (step + 1) * width)),
      state,
      out.subarray(step * width, (step + 1) * width),
    )
  return out
}

function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length)
  let largest = 0
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!))
  return largest
}

/** What a Keras model of TensorFlow.js predicts, its weights set from ours. */
function predicted(model: Sequential, weights: Weights, shape: number[]): Float32Array {
  let offset = 0
  const tensors = model.getWeights().map((tensor) => {
    const values = weights.values.subarray(offset, offset + tensor.size)
    offset += tensor.size
    return tf.tensor(values, tensor.shape)
  })
  expect(offset).toBe(weights.values.length)
  model.setWeights(tensors)
  const output = model.predict(tf.tensor(inputs(weights.network.inputs), shape))
  if (Array.isArray(output)) throw new Error('one output expected')
  return Float32Array.from(output.dataSync())
}

const lstms: LstmSpec[] = [
  { kind: 'lstm', inputs: 17, hidden: 64, layers: 2 },
  { kind: 'lstm', inputs: 3, hidden: 7, layers: 1 },
  { kind: 'lstm', inputs: 1, hidden: 10, layers: 3 },
]
const autoencoders: AutoencoderSpec[] = [
  { kind: 'autoencoder', inputs: 17, hidden: [12, 6, 12] },
  { kind: 'autoencoder', inputs: 5, hidden: [2] },
  { kind: 'autoencoder', inputs: 38, hidden: [32, 16, 8, 16, 32] },
]
const tcns: TcnSpec[] = [
  { kind: 'tcn', inputs: 17, channels: 32, kernel: 3, dilations: [1, 2, 4, 8] },
  { kind: 'tcn', inputs: 5, channels: 6, kernel: 2, dilations: [1, 3] },
  { kind: 'tcn', inputs: 2, channels: 9, kernel: 5, dilations: [4] },
  { kind: 'tcn', inputs: 3, channels: 4, kernel: 1, dilations: [1, 1] },
]

describe('streaming steps give what TensorFlow.js predicts for the whole sequence', () => {
  it.each(lstms)('$kind $inputs → $hidden × $layers', (spec) => {
    const model = sequential()
    for (let i = 0; i < spec.layers; i++)
      model.add(
        layers.lstm({
          units: spec.hidden,
          returnSequences: true,
          recurrentActivation: 'sigmoid',
          // Set below; the default one takes seconds.
          recurrentInitializer: 'zeros',
          ...(i === 0 && { inputShape: [STEPS, spec.inputs] }),
        }),
      )
    model.add(layers.dense({ units: spec.inputs }))
    const weights = randomWeights(spec)
    const expected = predicted(model, weights, [1, STEPS, spec.inputs])
    expect(furthest(streamed(weights, inputs(spec.inputs)), expected)).toBeLessThan(1e-5)
  })

  it.each(autoencoders)('$kind $inputs → $hidden', (spec) => {
    const model = sequential()
    for (const [i, units] of spec.hidden.entries())
      model.add(layers.dense({ units, activation: 'tanh', ...(i === 0 && { inputShape: [spec.inputs] }) }))
    model.add(layers.dense({ units: spec.inputs }))
    const weights = randomWeights(spec)
    const expected = predicted(model, weights, [STEPS, spec.inputs])
    expect(furthest(streamed(weights, inputs(spec.inputs)), expected)).toBeLessThan(1e-5)
  })

  it.each(tcns)('$kind $inputs → $channels × $dilations', (spec) => {
    const weights = randomWeights(spec)
    const layer = layerValues(spec, weights.values)
    const { channels, kernel } = spec
    const dense = (name: string, x: tf.Tensor2D, to: number) =>
      tf.add<tf.Tensor2D>(
        tf.matMul(x, tf.tensor2d(layer(`${name}.kernel`), [x.shape[1], to])),
        tf.tensor1d(layer(`${name}.bias`)),
      )
    let x = dense('input', tf.tensor2d(inputs(spec.inputs), [STEPS, spec.inputs]), channels)
    for (const [i, dilation] of spec.dilations.entries()) {
      const padded = tf.pad(x, [
        [(kernel - 1) * dilation, 0],
        [0, 0],
      ])
      const filter = tf.tensor3d(layer(`block.${i}.kernel`), [kernel, channels, channels])
      const convolved = tf.conv1d(padded, filter, 1, 'valid', 'NWC', dilation)
      x = tf.add(x, tf.relu(tf.add(convolved, tf.tensor1d(layer(`block.${i}.bias`)))))
    }
    const expected = dense('output', x, spec.inputs).dataSync()
    expect(furthest(streamed(weights, inputs(spec.inputs)), expected)).toBeLessThan(1e-5)
  })
})

it.each([...lstms, ...autoencoders, ...tcns])('what is trained is what is run: $kind of $inputs', (spec) => {
  const weights = randomWeights(spec)
  const sequence = inputs(spec.inputs)
  const variables = new Variables(weights)
  const half = STEPS / 2
  let carried = emptyCarried(spec, 1)
  // Only an LSTM carries something on; the others get the whole at once.
  const parts = spec.kind === 'lstm' ? [0, half] : [0]
  const outputs = parts.flatMap((from) => {
    const steps = STEPS / parts.length
    const values = sequence.subarray(from * spec.inputs, (from + steps) * spec.inputs)
    const out = forward(spec, variables.named, tf.tensor3d(values, [1, steps, spec.inputs]), carried)
    carried = out.carried
    return Array.from(out.predicted.dataSync())
  })
  expect(furthest(streamed(weights, sequence), outputs)).toBeLessThan(1e-5)
  variables.dispose()
})

it('keeps the sequences that share a kernel apart', () => {
  for (const spec of [lstms[1]!, tcns[1]!]) {
    const kernel = kernelOf(randomWeights(spec))
    const one = new Float32Array(kernel.stateSize)
    const other = new Float32Array(kernel.stateSize)
    const alone = new Float32Array(kernel.stateSize)
    const out = new Float64Array(spec.inputs)
    for (let step = 0; step < 20; step++) {
      kernel.step(new Float64Array(spec.inputs).fill(Math.sin(step)), one, out)
      kernel.step(new Float64Array(spec.inputs).fill(-2), other, out)
    }
    for (let step = 0; step < 20; step++)
      kernel.step(new Float64Array(spec.inputs).fill(Math.sin(step)), alone, out)
    expect(one).toEqual(alone)
    expect(one).not.toEqual(other)
  }
})

it('makes one kernel for all that share the weights', () => {
  const weights = randomWeights(lstms[1]!)
  expect(kernelOf(weights)).toBe(kernelOf(weights))
})
