import { History, standardised } from '@adf/detectors'
import { trainNetwork } from '@adf/detectors/training'
import { answerJob } from '../training/job-answer.ts'
import type { NetworkJob } from './stream-network.ts'

/** Vectors that a training passes over, the same ones again and again while there are few; at least so many passes. */
const VECTORS = 200_000
const PASSES = 5
const BATCH = 8
const LEARNING_RATE = 0.003
const SEED = 1

await answerJob(({ network, features, runs, initial }: NetworkJob) => {
  const histories = runs.map((values) => {
    const count = values.length / features.length
    return standardised(features, new History(features.length, values, new Float64Array(count)))
  })
  const vectors = runs.reduce((sum, { length }) => sum + length, 0) / features.length
  return trainNetwork(network, histories, {
    epochs: Math.max(PASSES, Math.round(VECTORS / vectors)),
    batchSize: BATCH,
    learningRate: LEARNING_RATE,
    seed: SEED,
    initial,
  })
})
