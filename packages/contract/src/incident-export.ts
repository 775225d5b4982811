import { z } from 'zod'
import { Anomaly } from './anomaly.ts'
import { Incident } from './incident.ts'
import { Instant } from './scalar.ts'
import { Verdict } from './verdict.ts'

export const TimelineEntry = z
  .strictObject({
    at: Instant,
    kind: z
      .enum(['change', 'anomaly', 'opened', 'cause', 'alert', 'merged', 'split', 'verdict', 'resolved'])
      .meta({
        description:
          'change: a deployment or configuration; anomaly: the first of a service, host or entity; cause: another one is ranked first; alert: an Alertmanager took it; merged, split: with or from another incident',
      }),
    subject: z.string().nullable().meta({
      description: 'the service, entity, receiver, author or other incident that it is about',
    }),
    text: z.string(),
  })
  .meta({ id: 'TimelineEntry' })
export type TimelineEntry = z.infer<typeof TimelineEntry>

/** `GET /api/incidents/{id}/export`: all that is known of one incident, for other programs and for keeping. */
export const IncidentExport = z
  .strictObject({
    exported_at: Instant,
    incident: Incident,
    timeline: z.array(TimelineEntry).meta({ description: 'oldest first' }),
    calls: z.array(z.strictObject({ client: z.string(), server: z.string() })).meta({
      description: 'who calls whom among the services of the incident, as the graph knows it at the export',
    }),
    anomalies: z.array(Anomaly).meta({
      description: 'oldest first: the first of each service, host or entity, and the strongest of the others',
    }),
    anomalies_left_out: z.int().min(0),
    verdicts: z.array(Verdict).meta({ description: 'on the incident, oldest first' }),
  })
  .meta({ id: 'IncidentExport' })
export type IncidentExport = z.infer<typeof IncidentExport>
