import { duration } from '@adf/service'
import { z } from 'zod'
import { POLICY_NAMES } from '../tuner/policy.ts'

/** The section `thresholding`. */
export const thresholding = z
  .strictObject({
    enabled: z.boolean().default(true).meta({ description: 'tune thresholds by what operators say' }),
    policy: z.enum(POLICY_NAMES).default('q-learning').meta({ description: 'what decides on steps' }),
    dry_run: z.boolean().default(false).meta({ description: 'steps are told and stored, and not made' }),
    interval: duration('5m', { min: '100ms', max: '1d' }).meta({
      description: 'how often all thresholds are looked at, beside when verdicts come',
    }),
    lease: duration('1m', { min: '1s', max: '1d' }).meta({
      description:
        'for so long, and three intervals at least, a replica that ended without a word keeps the others from tuning',
    }),
    memory: duration('30d', { min: '1d', max: '365d' }).meta({
      description: 'older verdicts say nothing any more',
    }),
    max_entities: z.int().min(1).max(10_000).default(500).meta({
      description: 'entities looked at at most; those that were judged come first',
    }),
    step_verdicts: z
      .int()
      .min(1)
      .default(20)
      .meta({ description: 'verdicts on an entity after which its threshold may move one step' }),
    step_after: duration('6h', { min: '1m' }).meta({ description: 'time after which it may, too' }),
    step_when: z.enum(['either', 'both']).default('either').meta({
      description: '`either`: whichever comes first; `both`: whichever comes last',
    }),
    confidence: z.number().min(0).max(1).default(0.7).meta({
      description: 'probability that the cost falls, by replay of what is stored, that a step needs',
    }),
    rollback: z
      .strictObject({
        after: duration('24h', { min: '1m' }).meta({ description: 'age at which a step is judged' }),
        verdicts: z
          .int()
          .min(1)
          .default(10)
          .meta({ description: 'verdicts since it, after which it is judged sooner' }),
        hold: duration('3d', { min: '0s' }).meta({
          description: 'for so long no step that way is made after a rollback',
        }),
      })
      .prefault({}),
    cost: z
      .strictObject({
        false_positive: z.number().min(0).default(1),
        false_negative: z.number().min(0).default(5).meta({ description: 'of severity 1' }),
        page: z.number().min(0).default(0.5).meta({ description: 'of each alert over the budget' }),
        alerts_per_day: z
          .int()
          .min(0)
          .default(3)
          .meta({ description: 'of one entity, that are within the budget' }),
      })
      .prefault({})
      .meta({ description: 'what alerts and missed incidents cost; the unit is one false alert' }),
    rl_tuner: z
      .strictObject({
        learning_rate: z.number().gt(0).max(1).default(0.1).meta({ description: 'of the Q-table' }),
        epsilon: z.number().min(0).max(1).default(0.1).meta({ description: 'share of exploring steps' }),
        discount: z
          .number()
          .min(0)
          .max(0.5)
          .default(0.5)
          .meta({ description: 'γ: weight of what comes after a step' }),
        step_cost: z.number().min(0).default(0.005).meta({ description: 'λ: of a step itself' }),
      })
      .prefault({})
      .meta({ description: 'of the policy `q-learning`' }),
  })
  .prefault({})
export type Thresholding = z.output<typeof thresholding>
