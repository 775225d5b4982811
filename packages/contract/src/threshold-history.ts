import { z } from 'zod'
import { Instant } from './scalar.ts'
import { ThresholdSource, ThresholdValue } from './threshold.ts'

/** One change of one threshold. null stands for the initial threshold. */
export const ThresholdChange = z
  .strictObject({
    version: z.int().min(1),
    stream: z.string(),
    entity_id: z.string(),
    from: ThresholdValue.nullable(),
    to: ThresholdValue.nullable(),
    source: z.enum(['operator', 'tuner', 'rollback']),
    reason: z.string().nullable(),
    by: z.string().nullable(),
    at: Instant,
  })
  .meta({ id: 'ThresholdChange' })
export type ThresholdChange = z.infer<typeof ThresholdChange>

/** Newest first. */
export const ThresholdHistory = z
  .strictObject({ items: z.array(ThresholdChange), next_cursor: z.string().nullable() })
  .meta({ id: 'ThresholdHistory' })
export type ThresholdHistory = z.infer<typeof ThresholdHistory>

/**
 * `POST /api/thresholds/rollback`: takes back the last change of one entity's threshold, or with `to_version` every change that came
 * after that version (of one entity, or of all). Who held a threshold before, operator or tuner, holds it again.
 */
export const ThresholdRollback = z
  .strictObject({
    stream: z.string().min(1).max(64).optional(),
    entity_id: z.string().min(1).max(512).optional(),
    to_version: z.int().min(0).optional(),
    reason: z.string().max(1024).optional(),
    source: ThresholdSource.optional().meta({
      description:
        'who takes back, an operator when left out; a tuner takes nothing back that an operator holds: of one entity 409 `overridden`, of all these stay',
    }),
  })
  .refine((r) => (r.stream === undefined) === (r.entity_id === undefined), {
    message: 'give stream and entity_id together',
  })
  .refine((r) => r.stream !== undefined || r.to_version !== undefined, {
    message: 'give stream and entity_id, or to_version, or all three',
  })
  .meta({ id: 'ThresholdRollback' })
export type ThresholdRollback = z.infer<typeof ThresholdRollback>

/** The changes that a rollback made, each with a version of its own; empty when everything was so already. */
export const ThresholdRollbackAnswer = z
  .strictObject({ changes: z.array(ThresholdChange) })
  .meta({ id: 'ThresholdRollbackAnswer' })
export type ThresholdRollbackAnswer = z.infer<typeof ThresholdRollbackAnswer>
