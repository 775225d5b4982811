import { initialWeights, type NetworkSpec } from '@adf/detectors'
import { type Autoencoder, reconstructionError, train } from '../poisoning/autoencoder.ts'
import { averagePrecision } from './average-precision.ts'
import { CHANNELS, type Site } from './sites.ts'

/** More than the causes behind the channels, fewer than the channels. */
const HIDDEN = 6
const RATE = 0.02

/**
 * What the simulated sites train: a small autoencoder, so that a run takes a second. It is the poisoning detector's, trained at once and in
 * whole batches; the networks of processors are trained by TensorFlow.js, asynchronously and many times as slowly.
 */
export const network: NetworkSpec = { kind: 'autoencoder', inputs: CHANNELS, hidden: [HIDDEN] }

export const firstWeights = (seed: number): Float32Array => initialWeights(network, seed).values

/** What a site makes of global weights: its own less those. Adam begins anew in each round, as it does on processors. */
export function learn(weights: Float32Array, rows: readonly Float64Array[], passes: number): Float32Array {
  const learned = train(netOf(weights), rows, passes, RATE)
  return Float32Array.from(learned.weights, (value, i) => value - weights[i]!)
}

/** Mean over sites of the average precision by which the reconstruction error finds their anomalies, in points. */
export function qualityOf(weights: Float32Array, sites: readonly Site[]): number {
  const net = netOf(weights)
  const precisions = sites.map(({ test }) =>
    averagePrecision(test.map(({ row, anomalous }) => ({ anomalous, score: reconstructionError(net, row) }))),
  )
  return (100 * precisions.reduce((sum, value) => sum + value, 0)) / sites.length
}

function netOf(weights: Float32Array): Autoencoder {
  const zeros = () => new Float64Array(weights.length)
  return {
    inputs: CHANNELS,
    hidden: HIDDEN,
    weights: Float64Array.from(weights),
    first: zeros(),
    second: zeros(),
    steps: 0,
  }
}
