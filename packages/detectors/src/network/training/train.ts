import * as tf from '@tensorflow/tfjs-core'
import { seeded } from '../../statistics/sampling.ts'
import { initialWeights } from '../initial.ts'
import { type NetworkSpec, specText, weightLayers } from '../spec.ts'
import type { Weights } from '../weights.ts'
import { type Batch, batches } from './batches.ts'
import { TrainingDiverged } from './diverged.ts'
import { emptyCarried, forward } from './forward.ts'
import { Proximal } from './proximal.ts'
import { startTensorFlow } from './tensorflow.ts'
import { Variables } from './variables.ts'

export interface TrainingOptions {
  /** Passes over the histories. */
  readonly epochs: number
  /** Sequences that go into one step. */
  readonly batchSize: number
  readonly learningRate: number
  /** Of the first weights and of the order of the sequences. */
  readonly seed: number
  /** Steps that errors are traced back over. Default 32. */
  readonly window?: number | undefined
  /** Weights to go on from, instead of random ones. */
  readonly initial?: Weights | undefined
  /** How strongly weights are held near those that training begins with (FedProx): μ, 0 for not at all. Default 0. */
  readonly proximal?: number | undefined
  /** Layers that are trained, by their names in `weightLayers`; the others stay as they are. Default: all. */
  readonly layers?: readonly string[] | undefined
  /** Awaited between two steps: where a budget of processor time is kept. */
  readonly rest?: (() => Promise<void>) | undefined
  /** After each pass. `loss` is the mean square error over the pass, in standard deviations. */
  readonly onProgress?: ((progress: TrainingProgress) => void) | undefined
  /** Stops between two steps: the promise is then rejected with its reason. */
  readonly signal?: AbortSignal | undefined
}

export interface TrainingProgress {
  /** From 1. */
  readonly epoch: number
  readonly epochs: number
  readonly loss: number
}

/** Longest gradient: a longer one is shortened, not cut feature by feature (R. Pascanu et al. 2013). */
const CLIP_NORM = 1

/**
 * Trains a network on normal vectors with Adam (D. Kingma, J. Ba 2015). Takes seconds to minutes: run it in a worker thread. On the
 * `wasm` backend the same arguments give the same weights, bit for bit. Nothing of it stays in memory.
 *
 * @param histories one per entity or stretch of time, standardised, row by row, nothing in it known to be abnormal
 * @returns weights of a version one greater than those it began with
 * @throws RangeError for options or histories that cannot be trained on; TrainingDiverged when the loss runs away
 */
export async function trainNetwork(
  network: NetworkSpec,
  histories: readonly Float32Array[],
  options: TrainingOptions,
): Promise<Weights> {
  check(network, histories, options)
  await startTensorFlow()
  const { epochs, learningRate, seed, onProgress } = options
  const variables = new Variables(options.initial ?? initialWeights(network, seed))
  const trained = options.layers?.map(variables.variable) ?? variables.all
  const proximal = new Proximal(trained, options.proximal ?? 0)
  const optimizer = tf.train.adam(learningRate)
  const parts: Parts = { network, variables, trained, proximal, optimizer }
  const plan = { batchSize: options.batchSize, window: options.window ?? 32, rng: seeded(seed) }
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const loss = await pass(parts, batches(network, histories, plan), options)
      if (!Number.isFinite(loss))
        throw new TrainingDiverged(
          `training of ${network.kind} ran away in epoch ${epoch} (loss ${loss}): lower the learning rate of ${learningRate}`,
        )
      onProgress?.({ epoch, epochs, loss })
    }
    return variables.read()
  } finally {
    variables.dispose()
    proximal.dispose()
    optimizer.dispose()
  }
}

interface Parts {
  readonly network: NetworkSpec
  readonly variables: Variables
  readonly trained: tf.Variable[]
  readonly proximal: Proximal
  readonly optimizer: tf.Optimizer
}

/** Mean loss of one pass; not finite as soon as one batch's is not. */
async function pass(parts: Parts, all: Iterable<Batch>, { signal, rest }: TrainingOptions): Promise<number> {
  let carried: tf.Tensor2D[] = []
  let sum = 0
  let weight = 0
  try {
    for (const batch of all) {
      // Lets messages of the thread's owner in, an abort among them.
      await tf.nextFrame()
      await rest?.()
      signal?.throwIfAborted()
      const { loss, next } = step(parts, batch, batch.continues ? carried : [])
      tf.dispose(carried)
      carried = next
      sum += loss * batch.sequences
      weight += batch.sequences
      if (!Number.isFinite(loss)) return loss
    }
  } finally {
    tf.dispose(carried)
  }
  return sum / weight
}

/** One step of the optimiser. The caller disposes of `next`. */
function step(
  { network, variables, trained, proximal, optimizer }: Parts,
  { sequences, steps, inputs, targets }: Batch,
  carried: readonly tf.Tensor2D[],
): { loss: number; next: tf.Tensor2D[] } {
  let next: tf.Tensor2D[] = []
  const loss = tf.tidy(() => {
    const shape: [number, number, number] = [sequences, steps, network.inputs]
    const x = tf.tensor3d(inputs, shape)
    const y = tf.tensor3d(targets, shape)
    const before = carried.length > 0 ? carried : emptyCarried(network, sequences)
    const { value, grads } = tf.variableGrads(() => {
      const out = forward(network, variables.named, x, before)
      next = out.carried.map((tensor) => tf.keep(tf.clone(tensor)))
      return tf.mean<tf.Scalar>(tf.square(tf.sub(out.predicted, y)))
    }, trained)
    optimizer.applyGradients(shortened(proximal.added(grads)))
    return value.dataSync()[0]!
  })
  return { loss, next }
}

function shortened(grads: tf.NamedTensorMap): tf.NamedTensorMap {
  const squares = Object.values(grads).map((grad) => tf.sum(tf.square(grad)))
  const norm = tf.sqrt(tf.addN(squares))
  const factor = tf.div(CLIP_NORM, tf.maximum(norm, CLIP_NORM))
  return Object.fromEntries(Object.entries(grads).map(([name, grad]) => [name, tf.mul(grad, factor)]))
}

function check(network: NetworkSpec, histories: readonly Float32Array[], options: TrainingOptions): void {
  const { epochs, batchSize, learningRate, window = 32, initial, proximal = 0, layers } = options
  for (const [name, value] of Object.entries({ epochs, batchSize, window }))
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`${name} must be a whole number from 1, got ${value}`)
  if (!(learningRate > 0)) throw new RangeError(`learningRate must be greater than 0, got ${learningRate}`)
  if (!(proximal >= 0 && proximal < Number.POSITIVE_INFINITY))
    throw new RangeError(`proximal must be a number from 0, got ${proximal}`)
  const known = weightLayers(network).map(({ name }) => name)
  if (layers !== undefined && (layers.length === 0 || !layers.every((name) => known.includes(name))))
    throw new RangeError(`layers to train must be some of ${known.join(', ')}, got ${layers.join(', ')}`)
  if (initial !== undefined && specText(initial.network) !== specText(network))
    throw new RangeError(`initial weights of ${specText(initial.network)}, expected ${specText(network)}`)
  const least = network.kind === 'autoencoder' ? 1 : 2
  for (const [i, history] of histories.entries()) {
    if (history.length % network.inputs !== 0)
      throw new RangeError(`history ${i}: ${history.length} values are not rows of ${network.inputs}`)
    if (!history.every(Number.isFinite))
      throw new RangeError(`history ${i} has values that are not finite: standardise it first`)
  }
  if (!histories.some(({ length }) => length >= least * network.inputs))
    throw new RangeError(`no history of at least ${least} vectors to train on`)
}
