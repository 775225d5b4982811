import { z } from 'zod'
import { Comparators, RootCause } from './rootcause.ts'
import { Instant, Score } from './scalar.ts'
import { VerdictValue } from './verdict.ts'

export const IncidentState = z.enum(['open', 'resolved', 'merged']).meta({ id: 'IncidentState' })
export type IncidentState = z.infer<typeof IncidentState>

export const Incident = z
  .strictObject({
    id: z.string().meta({ description: 'UUIDv7' }),
    state: IncidentState,
    merged_into: z.string().nullable(),
    title: z.string().meta({
      example: 'payment is the probable cause: exclusive time of POST /pay is 840 ms, normally 95 to 130 ms',
    }),
    started_at: Instant.meta({ description: 'event time of the first anomaly' }),
    opened_at: Instant,
    updated_at: Instant,
    resolved_at: Instant.nullable(),
    max_score: Score,
    services: z.array(z.string()).meta({ description: 'services with anomalies in this incident' }),
    blast_radius: z
      .array(z.string())
      .meta({ description: 'services that call an affected one, directly or not, in the causal graph' }),
    causes: z.array(RootCause).meta({ description: 'best first' }),
    none: z.number().min(0).max(1).nullable().meta({
      description: 'probability that none of the causes is it; null before the first ranking',
    }),
    suffering: z.array(z.string()).meta({ description: 'services whose oddities the first cause explains' }),
    comparators: Comparators,
    anomaly_count: z.int().min(0),
    trace_ids: z.array(z.string()).meta({ description: 'exemplar traces, newest first' }),
    verdict: VerdictValue.nullable(),
  })
  .meta({ id: 'Incident' })
export type Incident = z.infer<typeof Incident>
