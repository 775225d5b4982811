import { z } from 'zod'
import { Instant } from './scalar.ts'

export const VerdictValue = z.enum(['true_positive', 'false_positive']).meta({ id: 'VerdictValue' })
export type VerdictValue = z.infer<typeof VerdictValue>

/** `POST /api/feedback`: an operator's word on an anomaly or an incident. Sent again with the same target and author it replaces the earlier one. */
export const VerdictRequest = z
  .strictObject({
    anomaly_id: z.string().optional(),
    incident_id: z.string().optional(),
    verdict: VerdictValue,
    cause: z.string().max(256).optional().meta({
      description:
        'service that was the cause, if known, with or without namespace; else the first-ranked one counts as confirmed',
    }),
    note: z.string().max(4096).optional(),
    author: z.string().max(256).optional(),
  })
  .refine((v) => (v.anomaly_id === undefined) !== (v.incident_id === undefined), {
    message: 'give exactly one of anomaly_id and incident_id',
  })
  .meta({ id: 'VerdictRequest' })
export type VerdictRequest = z.infer<typeof VerdictRequest>

export const Verdict = z
  .strictObject({
    id: z.string(),
    anomaly_id: z.string().nullable(),
    incident_id: z.string().nullable(),
    verdict: VerdictValue,
    cause: z.string().nullable(),
    note: z.string().nullable(),
    author: z.string().nullable(),
    time: Instant,
  })
  .meta({ id: 'Verdict' })
export type Verdict = z.infer<typeof Verdict>
