import { z } from 'zod'
import { MOST_MIXED } from '../aggregate/nearest-neighbour-mixing.ts'

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
