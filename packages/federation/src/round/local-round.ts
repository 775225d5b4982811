import type { ClientPrivacy, Training } from '@adf/contract/federation'
import { makeWeights, type NetworkSpec, networkLoss, type Rng } from '@adf/detectors'
import { TrainingDiverged, trainNetwork } from '@adf/detectors/training'
import { LARGEST_VALUE } from '@adf/detectors/update'
import { privatise } from '../privacy/gaussian-mechanism.ts'

/** What a site needs to take part in a round; nothing of how it is told of it. */
export interface LocalRound {
  readonly network: NetworkSpec
  /** Global weights to begin with. */
  readonly base: Float32Array
  /** Normal vectors, standardised, row by row, one array for each entity and stretch of time. */
  readonly train: readonly Float32Array[]
  /** Others, that nothing here is ever trained on. */
  readonly heldOut: readonly Float32Array[]
  readonly training: Training
  /** Of the order in which the data come. */
  readonly seed: number
  readonly privacy: ClientPrivacy | null
  /** Of the noise, if there is to be any: a source that nobody can foretell. */
  readonly rng: Rng
  /** Awaited between two steps. */
  readonly rest?: (() => Promise<void>) | undefined
  readonly signal?: AbortSignal | undefined
}

/** What was learned. */
export interface Learned {
  readonly kind: 'learned'
  /** Local weights less global ones; clipped and noisy when privacy was asked for. To be sent. */
  readonly update: Float32Array
  /** Vectors that it was trained on; 1 with privacy, since their number is the site's own. */
  readonly samples: number
  /** Of the global weights on what was held out, in squared standard deviations; undefined without any, or with privacy. */
  readonly loss: number | undefined
  /** The site's own weights, without noise. To be kept. */
  readonly weights: Float32Array
  /** Of its own weights on what was held out; NaN without any. */
  readonly ownLoss: number
}

/** Why there is no update: `too_little_data` to train on; `ran_away`: the loss or the weights did not stay finite, or grew absurdly. */
export interface NothingLearned {
  readonly kind: 'nothing'
  readonly reason: 'too_little_data' | 'ran_away'
  readonly detail: string
}

/**
 * One client's part of a round: trains the global weights on local data (FedAvg, B. McMahan et al. 2017; with a proximal term FedProx,
 * T. Li et al. 2020). The same arguments give the same update, but for the noise. Takes seconds to minutes: run it in a worker thread or a process of its own.
 *
 * @throws RangeError for weights or data that are not of the network; the reason of the signal
 */
export async function localRound(round: LocalRound): Promise<Learned | NothingLearned> {
  const { network, train, heldOut, training, seed, rest, signal } = round
  const base = makeWeights(network, round.base, 0)
  const least = network.kind === 'autoencoder' ? 1 : 2
  const usable = train.filter(({ length }) => length >= least * network.inputs)
  if (usable.length === 0)
    return { kind: 'nothing', reason: 'too_little_data', detail: `no ${least} vectors in a row to train on` }
  let weights: Float32Array
  try {
    const { epochs, batch_size: batchSize, learning_rate: learningRate, proximal } = training
    const plan = { epochs, batchSize, learningRate, proximal, seed, initial: base, rest, signal }
    weights = (await trainNetwork(network, usable, plan)).values
  } catch (error) {
    if (!(error instanceof TrainingDiverged)) throw error
    return { kind: 'nothing', reason: 'ran_away', detail: error.message }
  }
  const change = weights.map((value, i) => value - base.values[i]!)
  const own = makeWeights(network, weights, 1)
  const ownLoss = networkLoss(own, heldOut)
  const absurd = change.find((value) => !(Math.abs(value) <= LARGEST_VALUE))
  if (absurd !== undefined)
    return { kind: 'nothing', reason: 'ran_away', detail: `a weight changed by ${absurd}` }
  const samples = usable.reduce((sum, { length }) => sum + length, 0) / network.inputs
  const loss = networkLoss(base, heldOut)
  if (round.privacy !== null) {
    const update = privatise(change, round.privacy, round.rng)
    return { kind: 'learned', update, samples: 1, loss: undefined, weights, ownLoss }
  }
  return {
    kind: 'learned',
    update: change,
    samples,
    loss: Number.isFinite(loss) ? loss : undefined,
    weights,
    ownLoss,
  }
}
