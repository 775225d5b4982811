import { z } from 'zod'
import { Instant } from '../scalar.ts'
import { VerdictValue } from '../verdict.ts'

/** One firing of one alert: the same labels firing again later is another. */
export const Alert = z
  .strictObject({
    id: z.string().meta({ description: 'UUIDv7' }),
    fingerprint: z.string().meta({ description: "Alertmanager's, of the labels" }),
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()),
    ours: z.boolean().meta({ description: 'sent by ADF' }),
    incident_id: z.string().nullable(),
    service: z.string().nullable().meta({ description: 'from its label `service` or `job`' }),
    started_at: Instant,
    ended_at: Instant.nullable(),
    first_notified_at: Instant,
    last_notified_at: Instant,
    notifications: z.int().min(1).meta({ description: 'repeats and other replicas left out' }),
    receivers: z.array(z.string()),
    silenced: z.array(z.string()).meta({ description: 'ids of silences that covered it' }),
    acknowledged_at: Instant.nullable().meta({ description: 'first verdict, silence or acknowledgement' }),
    verdict: VerdictValue.nullable(),
  })
  .meta({ id: 'Alert' })
export type Alert = z.infer<typeof Alert>

/** Newest first. */
export const AlertPage = z
  .strictObject({ items: z.array(Alert), next_cursor: z.string().nullable() })
  .meta({ id: 'AlertPage' })
export type AlertPage = z.infer<typeof AlertPage>
