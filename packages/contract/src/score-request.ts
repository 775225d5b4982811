import { z } from 'zod'
import { AnomalyType, Contribution } from './anomaly.ts'
import { Instant, Score, Severity } from './scalar.ts'
import { ThresholdValue } from './threshold.ts'

/** `POST /api/anomaly`: a vector of the caller's, to be scored against what is known of the entity. Nothing is learned, stored or alerted. */
export const ScoreRequest = z
  .strictObject({
    stream: z.string().min(1).max(64),
    entity: z.string().min(1).max(512).meta({ description: 'id of an entity, as in GET /api/entities' }),
    time: Instant.optional().meta({ description: 'now when left out' }),
    features: z.record(z.string().max(128), z.number().nullable()).meta({
      description: 'value by feature; null or left out = missing',
      example: { latency_p95: 840, error_rate: 0.02, request_rate: null },
    }),
  })
  .meta({ id: 'ScoreRequest' })
export type ScoreRequest = z.infer<typeof ScoreRequest>

export const ScoreAnswer = z
  .strictObject({
    warm: z.boolean().meta({
      description: 'false: the entity is still being learned (or was never seen), and there is no score',
    }),
    score: Score.nullable(),
    severity: Severity.nullable().meta({ description: 'null when there is no score' }),
    threshold: ThresholdValue,
    is_anomaly: z.boolean(),
    type: AnomalyType.nullable().meta({ description: 'null when there is no score' }),
    detector: z.string().nullable().meta({ description: 'the one with the largest score' }),
    contributions: z.array(Contribution).meta({ description: 'largest share first' }),
  })
  .meta({ id: 'ScoreAnswer' })
export type ScoreAnswer = z.infer<typeof ScoreAnswer>
