import { Worker } from 'node:worker_threads'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { normal, seeded } from '../../statistics/sampling.ts'
import { initialWeights } from '../initial.ts'
import { networkLoss } from '../loss.ts'
import { type NetworkSpec, weightLayers } from '../spec.ts'
import { startTensorFlow } from './tensorflow.ts'
import { type TrainingOptions, type TrainingProgress, trainNetwork } from './train.ts'

vi.setConfig({ testTimeout: 60_000 })

const specs: NetworkSpec[] = [
  { kind: 'autoencoder', inputs: 3, hidden: [4, 2, 4] },
  { kind: 'lstm', inputs: 3, hidden: 6, layers: 2 },
  { kind: 'tcn', inputs: 3, channels: 6, kernel: 3, dilations: [1, 2] },
]
const plan: TrainingOptions = { epochs: 3, batchSize: 4, learningRate: 0.01, seed: 1, window: 8 }

/** Three waves with noise. */
function waves(rows: number, seed: number): Float32Array {
  const rng = seeded(seed)
  return Float32Array.from({ length: 3 * rows }, (_, i) => {
    const time = Math.floor(i / 3)
    return 1.4 * Math.sin(time / 3 + (i % 3)) + 0.1 * normal(rng)
  })
}

beforeAll(startTensorFlow)

describe.each(specs)('training of $kind', (network) => {
  const histories = [waves(280, 1), waves(70, 2)]

  it('lowers the loss, pass by pass, and leaves nothing in memory', async () => {
    const losses: number[] = []
    const before = tf.memory().numTensors
    const weights = await trainNetwork(network, histories, {
      ...plan,
      epochs: 5,
      onProgress: ({ epoch, epochs, loss }) => {
        losses.push(loss)
        expect([epoch, epochs]).toEqual([losses.length, 5])
      },
    })
    expect(tf.memory().numTensors).toBe(before)
    expect(losses).toHaveLength(5)
    expect(losses[4]).toBeLessThan(0.7 * losses[0]!)
    expect(weights.version).toBe(1)
  })

  it('gives the same weights for the same seed, others for another', async () => {
    const first = await trainNetwork(network, histories, plan)
    expect((await trainNetwork(network, histories, plan)).hash).toBe(first.hash)
    expect((await trainNetwork(network, histories, { ...plan, seed: 2 })).hash).not.toBe(first.hash)
  })

  it('goes on from given weights', async () => {
    const losses: number[] = []
    const initial = await trainNetwork(network, histories, { ...plan, epochs: 8 })
    const weights = await trainNetwork(network, histories, {
      ...plan,
      initial,
      epochs: 1,
      onProgress: ({ loss }) => losses.push(loss),
    })
    const fresh: number[] = []
    await trainNetwork(network, histories, { ...plan, epochs: 1, onProgress: ({ loss }) => fresh.push(loss) })
    expect(losses[0]).toBeLessThan(fresh[0]!)
    expect(weights.version).toBe(2)
  })

  it('lowers what its kernel finds as the loss', async () => {
    const initial = initialWeights(network, 1)
    const held = [waves(200, 9)]
    const losses: number[] = []
    const onProgress = ({ loss }: TrainingProgress) => losses.push(loss)
    const trained = await trainNetwork(network, histories, { ...plan, epochs: 8, onProgress })
    expect(networkLoss(trained, held)).toBeLessThan(0.8 * networkLoss(initial, held))
    expect(networkLoss(trained, histories) / losses[7]!).toBeGreaterThan(0.5)
    expect(networkLoss(trained, histories) / losses[7]!).toBeLessThan(1.5)
    expect(networkLoss(trained, [])).toBeNaN()
    expect(() => networkLoss(trained, [new Float32Array(7)])).toThrow('rows of 3')
  })

  it('is held near the weights that it begins with, the more the stronger (FedProx)', async () => {
    const initial = initialWeights(network, 1)
    const drift = async (proximal?: number) => {
      const { values } = await trainNetwork(network, histories, { ...plan, epochs: 6, initial, proximal })
      return Math.sqrt(values.reduce((sum, value, i) => sum + (value - initial.values[i]!) ** 2, 0))
    }
    const before = tf.memory().numTensors
    const drifts = [await drift(), await drift(1), await drift(100)]
    expect(await drift(0)).toBe(drifts[0])
    expect(drifts[1]).toBeLessThan(0.8 * drifts[0]!)
    expect(drifts[2]).toBeLessThan(0.5 * drifts[1]!)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('trains the layers that it is told to, and leaves the others as they are', async () => {
    const initial = initialWeights(network, 1)
    const last = weightLayers(network).slice(-2)
    const layers = last.map(({ name }) => name)
    const { values } = await trainNetwork(network, histories, { ...plan, initial, layers })
    const from = last[0]!.offset
    expect(values.subarray(0, from)).toEqual(initial.values.subarray(0, from))
    for (const { offset, length } of last)
      expect(values.subarray(offset, offset + length)).not.toEqual(
        initial.values.subarray(offset, offset + length),
      )
  })

  it('rests between two steps', async () => {
    let rests = 0
    const rest = async () => void rests++
    const rested = await trainNetwork(network, histories, { ...plan, rest })
    expect(rests).toBeGreaterThan(plan.epochs)
    expect(rested.hash).toBe((await trainNetwork(network, histories, plan)).hash)
  })

  it('draws far values in, so that one does not spoil the weights', async () => {
    const spoilt = waves(280, 1)
    spoilt[300] = 1e30
    const weights = await trainNetwork(network, [spoilt], plan)
    expect(Math.max(...weights.values.map(Math.abs))).toBeLessThan(10)
  })

  it('takes a history of few vectors', async () => {
    const weights = await trainNetwork(network, [waves(2, 1), waves(1, 1)], plan)
    expect(weights.hash).not.toBe(initialWeights(network, 1).hash)
  })

  it('ends at an abort, with its reason and nothing left in memory', async () => {
    const abort = new AbortController()
    const before = tf.memory().numTensors
    const training = trainNetwork(network, histories, {
      ...plan,
      epochs: 1e6,
      onProgress: ({ epoch }) => epoch === 2 && abort.abort(new Error('enough')),
      signal: abort.signal,
    })
    await expect(training).rejects.toThrow('enough')
    expect(tf.memory().numTensors).toBe(before)
  })

  it('says that it ran away instead of giving weights that are not finite', async () => {
    const before = tf.memory().numTensors
    const initial = initialWeights(network, 1)
    const huge = { ...initial, values: initial.values.map((value) => 3e38 * Math.sign(value)) }
    await expect(trainNetwork(network, histories, { ...plan, initial: huge })).rejects.toThrow(
      /ran away in epoch 1 .*learning rate of 0.01/,
    )
    expect(tf.memory().numTensors).toBe(before)
  })

  it.each<[string, readonly Float32Array[], Partial<TrainingOptions>]>([
    ['no history of at least', [], {}],
    ['no history of at least', [new Float32Array(0)], {}],
    ['7 values are not rows of 3', [new Float32Array(7)], {}],
    ['not finite', [Float32Array.of(1, 2, Number.NaN, 1, 2, 3)], {}],
    ['epochs must be', histories, { epochs: 0 }],
    ['batchSize must be', histories, { batchSize: 1.5 }],
    ['window must be', histories, { window: -1 }],
    ['proximal must be', histories, { proximal: -1 }],
    ['layers to train must be', histories, { layers: ['nothing'] }],
    ['layers to train must be', histories, { layers: [] }],
    ['learningRate must be', histories, { learningRate: Number.NaN }],
    [
      'initial weights of',
      histories,
      { initial: initialWeights({ kind: 'lstm', inputs: 3, hidden: 3, layers: 1 }, 1) },
    ],
  ])('refuses what it cannot train on: %s', async (message, data, changed) => {
    await expect(trainNetwork(network, data, { ...plan, ...changed })).rejects.toThrow(message)
  })
})

it('trains in a worker thread what it trains here, and hears its abort', async () => {
  const network = specs[1]!
  const url = new URL('./index.ts', import.meta.url).href
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads')
    const abort = new AbortController()
    parentPort.on('message', async (job) => {
      if (job === 'abort') return abort.abort(new Error('told to'))
      const { trainNetwork } = await import(${JSON.stringify(url)})
      const onProgress = ({ epoch }) => parentPort.postMessage({ epoch })
      const done = await trainNetwork(job.network, job.histories, { ...job.plan, onProgress, signal: abort.signal })
        .catch(({ message }) => ({ message }))
      parentPort.postMessage({ done })
    })`,
    { eval: true },
  )
  const result = (job: object, onEpoch = () => {}) =>
    new Promise<unknown>((resolve, reject) => {
      worker.removeAllListeners('message')
      worker.on('message', ({ done }) => (done === undefined ? onEpoch() : resolve(done)))
      worker.on('error', reject)
      worker.postMessage(job)
    })
  try {
    const histories = [waves(200, 1)]
    expect(await result({ network, histories, plan })).toEqual(await trainNetwork(network, histories, plan))
    const endless = { network, histories, plan: { ...plan, epochs: 1e6 } }
    expect(await result(endless, () => worker.postMessage('abort'))).toEqual({ message: 'told to' })
  } finally {
    await worker.terminate()
  }
})
