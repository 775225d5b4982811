import { z } from 'zod'
import { Instant, Severity } from './scalar.ts'
import { ThresholdValue } from './threshold.ts'

export const JudgedFeature = z
  .strictObject({
    name: z.string(),
    unit: z.string(),
    value: z.number().nullable().meta({ description: 'latest value; null when missing' }),
    expected: z.number().nullable(),
    band: z.tuple([z.number(), z.number()]).nullable().meta({
      description: 'normal range, low to high; null where nothing is known of it yet',
    }),
  })
  .meta({ id: 'JudgedFeature' })
export type JudgedFeature = z.infer<typeof JudgedFeature>

export const DetectorSeverity = z
  .strictObject({
    name: z.string(),
    severity: Severity,
    weight: z.number().min(0).max(1).meta({
      description: 'share of the false alarms that it may make; 0: compared with the others, without a say',
    }),
  })
  .meta({ id: 'DetectorSeverity' })
export type DetectorSeverity = z.infer<typeof DetectorSeverity>

/** `GET /api/judgement`: the latest values of an entity beside what is normal, and what each detector says of them. */
export const EntityJudgement = z
  .strictObject({
    stream: z.string(),
    entity_id: z.string(),
    time: Instant.meta({ description: 'of the latest values' }),
    ready: z.boolean().meta({ description: 'false: still being learned; no detector says anything' }),
    severity: Severity.nullable().meta({
      description: 'of all that have a say, as if the values came again',
    }),
    threshold: ThresholdValue,
    leading: z.string().nullable().meta({ description: 'the detector that says most' }),
    features: z.array(JudgedFeature),
    detectors: z.array(DetectorSeverity),
  })
  .meta({ id: 'EntityJudgement' })
export type EntityJudgement = z.infer<typeof EntityJudgement>
