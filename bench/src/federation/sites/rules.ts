import { seeded } from '@adf/detectors'
import { type Aggregator, FedAvg, NormClipping, Pipeline, TrimmedMean } from '@adf/federation-server'
import type { FederateOptions } from './federate.ts'

/** No invitation says less. */
const SAMPLE_CAP = 100_000

/** The mean, weighted by samples: what is best when all are honest. */
export const fedAvg = (): FederateOptions['combine'] => combining(new FedAvg(), () => 0)

/** What the server does by default with so few sites: clips, and trims as many as it can withstand of three in ten. */
export const defaultRule = (): FederateOptions['combine'] => {
  const rule = new Pipeline([new NormClipping('adaptive')], new TrimmedMean())
  return combining(rule, (updates) => {
    let faulty = Math.floor(0.3 * updates)
    while (faulty > 0 && rule.fewest(faulty) > updates) faulty--
    return faulty
  })
}

const combining =
  (rule: Aggregator, faultyOf: (updates: number) => number): FederateOptions['combine'] =>
  (updates, weights, round) =>
    rule.aggregate({
      updates: updates.map(({ site, ...update }) => ({
        clientId: `site-${site}`,
        ...update,
        sampleCap: SAMPLE_CAP,
      })),
      weights,
      faulty: faultyOf(updates.length),
      rng: seeded(round),
    }).update
