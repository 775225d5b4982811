import { z } from 'zod'
import { Instant } from './scalar.ts'

/** Beyond 1 for noise whose score is 1 already: a vector is anomalous when its severity reaches the threshold. A violated fixed limit always does. */
export const ThresholdValue = z.number().min(0).max(2).meta({
  id: 'ThresholdValue',
  description: 'severity from which a vector is anomalous; up to 1 that is its score',
})

export const ThresholdSource = z.enum(['operator', 'tuner']).meta({
  id: 'ThresholdSource',
  description: "who set it; the tuner never changes an operator's",
})
export type ThresholdSource = z.infer<typeof ThresholdSource>

/** The severity from which a vector of one entity in one stream is anomalous. */
export const Threshold = z
  .strictObject({
    stream: z.string(),
    entity_id: z.string(),
    value: ThresholdValue,
    source: ThresholdSource.meta({
      description: 'who set it; an entity that is not listed has the initial threshold',
    }),
    version: z.int().min(1).meta({ description: 'of the change that set it; grows over all thresholds' }),
    reason: z.string().nullable(),
    updated_at: Instant,
    updated_by: z.string().nullable(),
  })
  .meta({ id: 'Threshold' })
export type Threshold = z.infer<typeof Threshold>

/** `PUT /api/thresholds`. `value: null` goes back to the initial threshold. */
export const ThresholdRequest = z
  .strictObject({
    stream: z.string().min(1).max(64),
    entity_id: z.string().min(1).max(512),
    value: ThresholdValue.nullable(),
    source: ThresholdSource.default('operator'),
    reason: z.string().max(1024).optional().meta({ description: 'why, for those who read the history' }),
    if_version: z.int().min(0).optional().meta({
      description: 'refuse (409) unless its version is this one; 0: unless it has the initial threshold',
    }),
  })
  .meta({ id: 'ThresholdRequest' })
export type ThresholdRequest = z.infer<typeof ThresholdRequest>

export const ThresholdPage = z
  .strictObject({
    initial: ThresholdValue.nullable().meta({
      description:
        'of every entity that is not listed; null: each has its own, by its budget of alerts (`GET /api/entities`)',
    }),
    version: z.int().min(0).meta({ description: 'of the latest change of any threshold; 0: none yet' }),
    items: z.array(Threshold),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'ThresholdPage' })
export type ThresholdPage = z.infer<typeof ThresholdPage>
