import { parentPort, workerData } from 'node:worker_threads'
import { History, makeWeights, OnlineDetector, seeded } from '@adf/detectors'
import { localRound } from '@adf/federation/round'
import type { Order, RoundOrder, Rows, ScoreOrder, ThreadData } from './training-order.ts'

/** As `adf score`. */
const HALF_LIFE = 5000

const { network, features, training: train }: ThreadData = workerData
const historyOf = ({ width, values, timesMs }: Rows) => new History(width, values, timesMs)

function round({ base, training, seed, privacy }: RoundOrder) {
  return localRound({ network, base, train, heldOut: [], training, seed, privacy, rng: seeded(seed) })
}

function score({ weights, train, test }: ScoreOrder): Float64Array {
  const detector = new OnlineDetector({
    detector: {
      kind: 'network',
      features,
      network,
      halfLife: HALF_LIFE,
      weights: makeWeights(network, weights, 1),
    },
  })
  detector.train(historyOf(train))
  const rows = historyOf(test)
  return Float64Array.from(
    { length: rows.count },
    (_, i) => detector.detect(rows.row(i), rows.timesMs[i]!).severity,
  )
}

parentPort?.on('message', async (order: Order) => {
  parentPort?.postMessage(order.kind === 'round' ? await round(order) : score(order))
})
