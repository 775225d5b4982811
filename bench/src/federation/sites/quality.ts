import { type History, makeWeights, networkLoss } from '@adf/detectors'
import { vusPr } from '../../quality/detection/measures/vus.ts'
import type { Site } from './site.ts'
import type { SiteThread } from './site-thread.ts'

/** What weights are worth at one site. */
export interface Quality {
  /** Of the LSTM detector on the test part. */
  readonly vusPr: number
  /** Mean square error on vectors that no site was fed, in standard deviations. */
  readonly heldOutLoss: number
}

export async function qualityOf(weights: Float32Array, site: Site, thread: SiteThread): Promise<Quality> {
  const { train, test, labels, vusWindow } = site
  const scores = await thread.score({ weights, train: rowsOf(train), test: rowsOf(test) })
  return { vusPr: vusPr(labels, scores, vusWindow), heldOutLoss: heldOutLoss(weights, site) }
}

export const heldOutLoss = (weights: Float32Array, { network, unseen }: Site): number =>
  networkLoss(makeWeights(network, weights, 1), unseen)

const rowsOf = ({ width, values, timesMs }: History) => ({ width, values, timesMs })

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
