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
    alertname: z.string(),
    service: z.string().nullable().meta({ description: 'from its label `service` or `job`' }),
    entity: z.string().nullable().meta({ description: 'from its label `entity` or `instance`' }),
    started_at: Instant,
    ended_at: Instant.nullable(),
    first_notified_at: Instant.nullable().meta({
      description: 'null: it was silenced or inhibited, so that nobody was notified',
    }),
    last_notified_at: Instant.nullable(),
    notifications: z.int().min(0).meta({
      description: 'of its firing and of its end, for each receiver; repeats and other replicas left out',
    }),
    receivers: z.array(z.string()),
    group_keys: z
      .array(z.string())
      .meta({ description: 'groups in which it was notified; at most 1024 characters of each' }),
    silenced: z.array(z.string()).meta({ description: 'ids of silences that covered it' }),
    inhibited_by: z.array(z.string()).meta({ description: 'fingerprints of alerts that inhibited it' }),
    generator_url: z.string(),
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
