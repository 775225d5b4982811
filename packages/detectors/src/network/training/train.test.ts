import { Worker } from 'node:worker_threads'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { normal, seeded } from '../../statistics/sampling.ts'
import { initialWeights } from '../initial.ts'
import type { NetworkSpec } from '../spec.ts'
import { startTensorFlow } from './tensorflow.ts'
import { type TrainingOptions, trainNetwork } from './train.ts'

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
