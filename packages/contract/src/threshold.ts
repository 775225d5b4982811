import { z } from 'zod'
import { Instant, Score } from './scalar.ts'

/** The score from which a vector of one entity in one stream is anomalous. */
export const Threshold = z
  .strictObject({
    stream: z.string(),
    entity_id: z.string(),
    value: Score,
    source: z
      .enum(['operator', 'tuner'])
      .meta({ description: 'who set it; an entity that is not listed has the initial threshold' }),
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
    value: Score.nullable(),
    source: z.enum(['operator', 'tuner']).default('operator'),
  })
  .meta({ id: 'ThresholdRequest' })
export type ThresholdRequest = z.infer<typeof ThresholdRequest>

export const ThresholdPage = z
  .strictObject({
    initial: Score.nullable().meta({
      description:
        'of every entity that is not listed; null: each has its own, by its budget of alerts (`GET /api/entities`)',
    }),
    items: z.array(Threshold),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'ThresholdPage' })
export type ThresholdPage = z.infer<typeof ThresholdPage>
