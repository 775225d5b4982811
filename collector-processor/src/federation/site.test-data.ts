import {
  type Feature,
  History,
  makeWeights,
  type NetworkSpec,
  normal,
  seeded,
  standardised,
  type Weights,
} from '@adf/detectors'
import { startTensorFlow, trainNetwork } from '@adf/detectors/training'
import type { SharedNetwork } from '../scoring/network/shared-network.ts'
import { trainForRound } from './train.ts'
import type { RoundTrainer } from './trainer.ts'

export const features: readonly Feature[] = ['a', 'b', 'c', 'd'].map((name) => ({
  name,
  direction: 'both',
  transform: 'linear',
  floor: 1e-6,
}))
export const network: NetworkSpec = { kind: 'autoencoder', inputs: 4, hidden: [3, 2, 3] }
const ROWS = 256

/** Vectors of one entity: two hidden causes move four features, in a way that differs a little from site to site. */
export function run(seed: number, site = 0): Float64Array {
  const rng = seeded(seed)
  const values = new Float64Array(ROWS * 4)
  for (let row = 0; row < ROWS; row++) {
    const [x, y] = [normal(rng), normal(rng)]
    const of = [x, y, x + y, x - (1 + 0.3 * site) * y]
    for (const [i, value] of of.entries()) values[4 * row + i] = 50 + 5 * value + 0.1 * normal(rng)
  }
  return values
}

export interface Gathered {
  training: Float64Array[]
  heldOut: Float64Array[]
}

/** The network of a stream, as the engine would share it. */
export class TestNetwork implements SharedNetwork {
  readonly stream: string
  readonly name = 'autoencoder'
  readonly network = network
  readonly features: readonly Feature[]
  readonly gathered: Gathered
  weights: Weights | undefined
  readonly adopted: Weights[] = []

  constructor(gathered: Gathered, own?: Float32Array, stream = 'service', named = features) {
    this.gathered = gathered
    this.weights = own && makeWeights(network, own, 1)
    this.stream = stream
    this.features = named
  }

  get hasData(): boolean {
    return this.gathered.training.length > 0
  }

  get hasHeldOut(): boolean {
    return this.gathered.heldOut.length > 0
  }

  runs(): Gathered {
    return this.gathered
  }

  async adopt(weights: Weights): Promise<void> {
    this.weights = weights
    this.adopted.push(weights)
  }
}

export const gathered = (site: number): Gathered => ({
  training: [run(100 * site + 1, site), run(100 * site + 2, site)],
  heldOut: [run(100 * site + 3, site)],
})

/** Weights that were trained on such data. */
export async function trainedOn({ training }: Gathered, initial?: Float32Array): Promise<Float32Array> {
  await startTensorFlow()
  const histories = training.map((values) =>
    standardised(features, new History(4, values, new Float64Array(values.length / 4))),
  )
  const options = { epochs: 60, batchSize: 1, learningRate: 0.01, seed: 1 }
  const begin = initial && { initial: makeWeights(network, initial, 0) }
  return (await trainNetwork(network, histories, { ...options, ...begin })).values
}

/** Trains in the caller. */
export const inlineTrainer: RoundTrainer = {
  async train(job, signal) {
    signal.throwIfAborted()
    const result = await trainForRound(job, { rng: seeded(1), rest: async () => {} })
    return { ...result, cpuMs: 5 }
  },
}
