import { z } from 'zod'
import { Instant } from '../scalar.ts'
import { ThresholdValue } from '../threshold.ts'

/** Alerts that a threshold makes or would have made of the past, and what was said of them. */
export const AlertCounts = z
  .strictObject({
    alerts: z.number().min(0),
    useful: z.number().min(0).meta({ description: 'judged true positives among them' }),
    noise: z.number().min(0).meta({ description: 'judged false positives among them' }),
    missed: z.number().min(0).meta({ description: 'true ones below the threshold, as far as anyone said' }),
  })
  .meta({ id: 'AlertCounts' })
export type AlertCounts = z.infer<typeof AlertCounts>

export const TunerStep = z
  .strictObject({
    id: z.string(),
    at: Instant,
    stream: z.string(),
    entity_id: z.string(),
    policy: z.string(),
    state: z
      .string()
      .meta({ description: 'of the learner, in words', example: 'most are noise, few misses, no burn' }),
    action: z.enum(['raise', 'lower', 'keep', 'rollback']),
    explored: z.boolean().meta({ description: 'tried by chance, not because it looked best' }),
    from: ThresholdValue,
    to: ThresholdValue,
    outcome: z
      .enum(['applied', 'pending', 'dry_run', 'refused', 'rolled_back'])
      .meta({ description: 'refused: by a guardrail, and `text` says which' }),
    expected: z.strictObject({ before: AlertCounts, after: AlertCounts }),
    seen: AlertCounts.nullable().meta({ description: 'since then; null while too little was said' }),
    text: z.string().meta({
      example:
        'Raised one step to 0.86: 5 of 6 verdicts were noise. 4 alerts fewer expected, no useful one lost.',
    }),
    version: z
      .int()
      .nullable()
      .meta({ description: 'of the threshold at the processor; null until applied' }),
  })
  .meta({ id: 'TunerStep' })
export type TunerStep = z.infer<typeof TunerStep>

/** Newest first. */
export const TunerStepPage = z
  .strictObject({ items: z.array(TunerStep), next_cursor: z.string().nullable() })
  .meta({ id: 'TunerStepPage' })
export type TunerStepPage = z.infer<typeof TunerStepPage>

export const TunedEntity = z
  .strictObject({
    stream: z.string(),
    entity_id: z.string(),
    threshold: ThresholdValue,
    initial_threshold: ThresholdValue,
    held_by: z.enum(['initial', 'tuner', 'operator']),
    frozen: z.boolean(),
    verdicts: z.int().min(0),
    until_next_step: z.int().min(0).meta({ description: 'verdicts that are wanted before it may move' }),
    not_before: Instant.nullable().meta({ description: 'when it may move at the earliest' }),
    precision: z.tuple([z.number(), z.number(), z.number()]).nullable().meta({
      description: 'share of useful alerts: low, estimate, high (95 %); null without a verdict',
    }),
    recall: z.tuple([z.number(), z.number(), z.number()]).nullable().meta({
      description:
        'share of what was wrong that was told: low, estimate, high (95 %); null when nothing says',
    }),
    alerts_per_day: z.number().min(0),
    text: z.string(),
  })
  .meta({ id: 'TunedEntity' })
export type TunedEntity = z.infer<typeof TunedEntity>

export const TunedEntityPage = z
  .strictObject({ items: z.array(TunedEntity), next_cursor: z.string().nullable() })
  .meta({ id: 'TunedEntityPage' })
export type TunedEntityPage = z.infer<typeof TunedEntityPage>

export const TunerPool = z
  .strictObject({
    stream: z.string(),
    entities: z.int().min(0),
    verdicts: z.int().min(0),
    state: z.string(),
    values: z.record(z.string(), z.record(z.string(), z.number())).meta({
      description: 'what the learner expects of each action in each state; empty for policies without',
    }),
    alerts_per_day: z.number().min(0),
    budget_per_day: z.number().min(0).nullable(),
    frozen: z.boolean(),
  })
  .meta({ id: 'TunerPool' })
export type TunerPool = z.infer<typeof TunerPool>

export const TunerStatus = z
  .strictObject({
    policy: z.string(),
    dry_run: z.boolean(),
    frozen: z.boolean().meta({ description: 'all of it' }),
    frozen_reason: z.string().nullable(),
    last_verdict_at: Instant.nullable(),
    last_step_at: Instant.nullable(),
    pools: z.array(TunerPool),
    problems: z.array(z.string()).meta({ description: 'what keeps it from working, and what to do' }),
  })
  .meta({ id: 'TunerStatus' })
export type TunerStatus = z.infer<typeof TunerStatus>

/** `PUT /api/tuner/freeze`: of one entity, of a stream, or with neither of everything. */
export const FreezeRequest = z
  .strictObject({
    frozen: z.boolean(),
    stream: z.string().min(1).max(64).optional(),
    entity_id: z.string().min(1).max(512).optional(),
    reason: z.string().max(1024).optional(),
  })
  .refine((f) => f.entity_id === undefined || f.stream !== undefined, {
    message: 'entity_id needs its stream',
  })
  .meta({ id: 'FreezeRequest' })
export type FreezeRequest = z.infer<typeof FreezeRequest>

/** `POST /api/tuner/what-if` */
export const WhatIfRequest = z
  .strictObject({
    stream: z.string().min(1).max(64),
    entity_id: z.string().min(1).max(512),
    threshold: ThresholdValue,
    from: Instant.optional().meta({ description: 'default: a week ago' }),
    to: Instant.optional(),
  })
  .meta({ id: 'WhatIfRequest' })
export type WhatIfRequest = z.infer<typeof WhatIfRequest>

export const WhatIf = z
  .strictObject({
    current: AlertCounts,
    candidate: AlertCounts,
    episodes: z.array(
      z.strictObject({
        from: Instant,
        to: Instant,
        severity: z.number().min(0),
        verdict: z.enum(['true_positive', 'false_positive', 'missed']).nullable(),
        fires: z.boolean(),
        would_fire: z.boolean(),
      }),
    ),
    text: z.string().meta({
      example: 'At 0.86: 9 alerts instead of 14. Of 6 judged useful 6 stay, of 5 judged noise 4 go.',
    }),
  })
  .meta({ id: 'WhatIf' })
export type WhatIf = z.infer<typeof WhatIf>
