import { z } from 'zod'
import { Entity } from './entity.ts'
import { Instant, Score, Severity } from './scalar.ts'
import { ThresholdValue } from './threshold.ts'
import { VerdictValue } from './verdict.ts'

export const AnomalyType = z.enum(['point', 'contextual', 'collective']).meta({
  id: 'AnomalyType',
  description:
    'point: the value alone is odd; contextual: odd for its time or company; collective: a stretch that no single point betrays',
})
export type AnomalyType = z.infer<typeof AnomalyType>

/** How much one feature added to the score, and what would have been normal. `value`, `expected` and `band` carry the feature's own unit. */
export const Contribution = z
  .strictObject({
    feature: z.string(),
    value: z.number().nullable().meta({ description: 'null when the sample was missing' }),
    expected: z.number().nullable(),
    band: z.tuple([z.number(), z.number()]).nullable().meta({ description: 'normal range, low to high' }),
    share: z
      .number()
      .min(0)
      .max(1)
      .meta({ description: 'part of the score that this feature explains; all shares sum to 1' }),
    text: z.string().meta({ example: 'latency_p95 is 840 ms, normally 95 to 130 ms' }),
  })
  .meta({ id: 'Contribution' })
export type Contribution = z.infer<typeof Contribution>

export const Anomaly = z
  .strictObject({
    id: z.string().meta({ description: 'UUIDv7: sorts by time of detection' }),
    stream: z.string(),
    entity: Entity,
    time: Instant.meta({ description: 'end of the window that was scored, in event time' }),
    detected_at: Instant,
    type: AnomalyType,
    score: Score,
    severity: Severity.optional().meta({ description: 'left out in anomalies of before it was kept' }),
    threshold: ThresholdValue,
    detector: z.string().meta({ description: 'the one that says most' }),
    seen_by: z.array(z.string()).meta({
      description: 'all detectors that have it over the threshold by themselves, those without a say too',
    }),
    contributions: z.array(Contribution).meta({ description: 'largest share first' }),
    incident_id: z.string().nullable(),
    verdict: VerdictValue.nullable(),
  })
  .meta({ id: 'Anomaly' })
export type Anomaly = z.infer<typeof Anomaly>
