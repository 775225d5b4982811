import { z } from 'zod'
import type { Aggregator, PreStep } from '../aggregate/aggregator.ts'
import { Bulyan } from '../aggregate/bulyan.ts'
import { ClippedMean } from '../aggregate/clipped-mean.ts'
import { CoordinateMedian } from '../aggregate/coordinate-median.ts'
import { FedAvg } from '../aggregate/fed-avg.ts'
import { FlTrust } from '../aggregate/fl-trust.ts'
import { GeometricMedian } from '../aggregate/geometric-median.ts'
import { Krum } from '../aggregate/krum.ts'
import { NearestNeighbourMixing } from '../aggregate/nearest-neighbour-mixing.ts'
import { NormClipping } from '../aggregate/norm-clipping.ts'
import { Adam } from '../aggregate/optimiser/adam.ts'
import { Momentum } from '../aggregate/optimiser/momentum.ts'
import { PlainStep } from '../aggregate/optimiser/plain-step.ts'
import type { ServerOptimiser } from '../aggregate/optimiser/server-optimiser.ts'
import { Pipeline } from '../aggregate/pipeline.ts'
import { Staleness } from '../aggregate/staleness.ts'
import { TrimmedMean } from '../aggregate/trimmed-mean.ts'
import { UpTo } from '../aggregate/up-to.ts'

/** Mixing makes a copy of each update, and compares all pairs. */
const MOST_MIXED = 200

const rules: Readonly<Record<z.output<typeof ruleName>, () => Aggregator>> = {
  fed_avg: () => new FedAvg(),
  clipped_mean: () => new ClippedMean('adaptive'),
  coordinate_median: () => new CoordinateMedian(),
  trimmed_mean: () => new TrimmedMean(),
  geometric_median: () => new GeometricMedian(),
  krum: () => new Krum('krum'),
  multi_krum: () => new Krum('multi_krum'),
  bulyan: () => new Bulyan(),
  fl_trust: () => new FlTrust(),
}
const preSteps: Readonly<Record<z.output<typeof preStepName>, () => PreStep>> = {
  norm_clipping: () => new NormClipping('adaptive'),
  nearest_neighbour_mixing: () => new UpTo(MOST_MIXED, new NearestNeighbourMixing()),
}
const ruleName = z.enum([
  'fed_avg',
  'clipped_mean',
  'coordinate_median',
  'trimmed_mean',
  'geometric_median',
  'krum',
  'multi_krum',
  'bulyan',
  'fl_trust',
])
const preStepName = z.enum(['norm_clipping', 'nearest_neighbour_mixing'])

/** How the updates of a round become one. */
export const aggregation = z.strictObject({
  pre_steps: z
    .array(preStepName)
    .max(4)
    .default(['norm_clipping'])
    .meta({
      description: `what is done to the updates first; nearest_neighbour_mixing in rounds of at most ${MOST_MIXED}`,
    }),
  rule: ruleName.default('trimmed_mean').meta({
    description:
      'how they are combined; `fl_trust` needs a trusted client (`adf federation invite --trusted`)',
  }),
  faulty: z
    .union([z.int().min(0), z.literal('auto')])
    .default('auto')
    .meta({
      description:
        'updates of a round that may be anything at all (f); a round is abandoned that the rule cannot protect against so many. `auto`: 3 in 10, or as many as the rule withstands',
    }),
})
export type AggregationSettings = z.output<typeof aggregation>

/** How the global weights follow the aggregate. */
export const optimiser = z.strictObject({
  kind: z
    .enum(['plain', 'momentum', 'adam'])
    .default('plain')
    .meta({ description: 'FedAvg, FedAvgM or FedAdam' }),
  rate: z.number().positive().optional().meta({ description: 'step; left out: 1, of adam 0.001' }),
  beta: z.number().min(0).lt(1).default(0.9).meta({ description: 'share of the earlier rounds' }),
})
export type OptimiserSettings = z.output<typeof optimiser>

/** @param stalenessLimit versions that an update may be behind */
export function aggregatorOf(settings: AggregationSettings, stalenessLimit: number): Aggregator {
  const steps = settings.pre_steps.map((name) => preSteps[name]())
  return new Pipeline([new Staleness(stalenessLimit), ...steps], rules[settings.rule]())
}

export function optimiserOf({ kind, rate, beta }: OptimiserSettings): ServerOptimiser {
  if (kind === 'plain') return new PlainStep(rate ?? 1)
  if (kind === 'momentum') return new Momentum(rate ?? 1, beta)
  return new Adam({ rate: rate ?? 1e-3, beta1: beta })
}

/** f of a round of so many updates. */
export function faultyOf(settings: AggregationSettings, aggregator: Aggregator, updates: number): number {
  if (settings.faulty !== 'auto') return settings.faulty
  let faulty = Math.floor(0.3 * updates)
  while (faulty > 0 && aggregator.fewest(faulty) > updates) faulty--
  return faulty
}
