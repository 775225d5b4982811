import type { Training } from '@adf/contract/federation'
import { initialWeights } from '@adf/detectors'
import { type FederateOptions, federate } from '../sites/federate.ts'
import { fedAvg } from '../sites/rules.ts'
import type { Site } from '../sites/site.ts'
import { type SiteThread, withThreads } from '../sites/site-thread.ts'

export interface SubjectsOptions {
  readonly sites: readonly Site[]
  readonly threads: readonly SiteThread[]
  readonly rounds: number
  readonly training: Training
  /** Of the first weights, and of the order in which runs are learned. */
  readonly seed: number
}

/** Weights for each site. */
export type WeightsOfSites = readonly Float32Array[]

/** All sites, in single precision and averaged by samples unless it is told otherwise. */
export async function together(
  { sites, threads, rounds, training, seed }: SubjectsOptions,
  how: Partial<Pick<FederateOptions, 'combine' | 'quantisation'>> = {},
): Promise<WeightsOfSites> {
  const initial = firstWeightsOf(sites, seed)
  const { weights } = await federate({
    threads,
    initial,
    rounds,
    training,
    seed,
    combine: how.combine ?? fedAvg(),
    quantisation: how.quantisation,
  })
  return sites.map(() => weights)
}

/** Each site alone: the same local rounds, each from what it ended the one before with. */
export async function localOnly({
  sites,
  threads,
  rounds,
  training,
  seed,
}: SubjectsOptions): Promise<WeightsOfSites> {
  return Promise.all(
    sites.map(async (_, i) => {
      const initial = firstWeightsOf(sites, seed)
      return (await federate({ threads: [threads[i]!], initial, rounds, training, seed, combine: fedAvg() }))
        .weights
    }),
  )
}

/** The data of all in one place: as many passes over them as the sites make together. */
export async function central({ sites, rounds, training, seed }: SubjectsOptions): Promise<WeightsOfSites> {
  const { network, features } = sites[0]!
  const pool = { network, features, training: sites.flatMap((site) => site.training) }
  const initial = firstWeightsOf(sites, seed)
  const { weights } = await withThreads([pool], (threads) =>
    federate({ threads, initial, rounds, training, seed, combine: fedAvg() }),
  )
  return sites.map(() => weights)
}

function firstWeightsOf([site]: readonly Site[], seed: number): Float32Array {
  if (site === undefined) throw new RangeError('no sites')
  return initialWeights(site.network, seed).values
}
