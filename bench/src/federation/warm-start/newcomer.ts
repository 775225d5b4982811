import { type History, initialWeights, makeWeights, networkLoss } from '@adf/detectors'
import { vusPr } from '../../quality/detection/measures/vus.ts'
import { runsFrom } from '../sites/machines.ts'
import { FIRST_SEED } from '../sites/setup.ts'
import type { Site } from '../sites/site.ts'
import { type SiteThread, withThreads } from '../sites/site-thread.ts'

/** The default of a processor: from here on a vector is scored. */
const WARM_UP = 200
/** Vectors that a processor trains its own network on first, and how (collector-processor/src/scoring/network). */
const OWN_FROM = 4096
const OWN = { epochs: 49, batch_size: 8, learning_rate: 0.003, proximal: 0 }
const RUN = 512

/** What a site says of its first vectors. */
export interface Course {
  /** Severity of each vector; 0 while there is nothing to judge by. */
  readonly scores: Float64Array
  /** Weights that judge from a row on; undefined: none. */
  weightsAt(row: number): Float32Array | undefined
}

/** Begins with the global weights: they judge after the warm-up. */
export async function warm(site: Site, global: Float32Array): Promise<Course> {
  const { test } = site
  const scores = new Float64Array(test.count)
  await withThreads([site], async ([thread]) =>
    scores.set(await scoredFrom(thread!, global, test, WARM_UP), WARM_UP),
  )
  return { scores, weightsAt: (row) => (row < WARM_UP ? undefined : global) }
}

/** Has nothing until it has vectors enough for a network of its own; all of them count as normal, and training takes no time: in its favour. */
export async function cold(site: Site, epochs = OWN.epochs): Promise<Course> {
  const { test, features, network } = site
  const training = runsFrom(test, 0, OWN_FROM / RUN, features)
  return withThreads([{ features, network, training }], async ([thread]) => {
    const base = initialWeights(network, FIRST_SEED).values
    const outcome = await thread!.round({ base, training: { ...OWN, epochs }, seed: 1, privacy: null })
    if (outcome.kind === 'nothing') throw new Error(`${site.name}: ${outcome.detail}`)
    const { weights } = outcome
    const scores = new Float64Array(test.count)
    scores.set(await scoredFrom(thread!, weights, test, OWN_FROM), OWN_FROM)
    return { scores, weightsAt: (row) => (row < OWN_FROM ? undefined : weights) }
  })
}

export interface Worth {
  /** Of the scores from the end of the warm-up on; NaN where nothing is anomalous. */
  readonly vusPr: number
  /** Mean square error, in standard deviations; without weights that of expecting the mean. */
  readonly loss: number
}

/** What a course is worth over the rows from the warm-up up to `to`. */
export function worthOf({ scores, weightsAt }: Course, site: Site, to: number): Worth {
  const { test, labels, vusWindow, features, network } = site
  const part = labels.subarray(WARM_UP, to)
  const runs = runsFrom(test.slice(0, to), RUN, Number.POSITIVE_INFINITY, features)
  const losses = runs.map((run, i) => {
    const weights = weightsAt((i + 1) * RUN)
    // The weights of a network that expects 0 everywhere.
    const none = () => new Float32Array(initialWeights(network, FIRST_SEED).values.length)
    return networkLoss(makeWeights(network, weights ?? none(), 1), [run])
  })
  return {
    vusPr: part.includes(1) ? vusPr(part, scores.slice(WARM_UP, to), vusWindow) : Number.NaN,
    loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
  }
}

async function scoredFrom(
  thread: SiteThread,
  weights: Float32Array,
  test: History,
  row: number,
): Promise<Float64Array> {
  return thread.score({
    weights,
    train: rowsOf(test.slice(0, row)),
    test: rowsOf(test.slice(row)),
  })
}

const rowsOf = ({ width, values, timesMs }: History) => ({ width, values, timesMs })
