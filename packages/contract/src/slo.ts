import { z } from 'zod'
import { Instant } from './scalar.ts'

export const SloWindow = z
  .strictObject({
    window: z.enum(['5m', '30m', '1h', '6h', '3d', '30d']),
    total: z.number().min(0).meta({
      description: 'requests served in the window; a sampled span counts for as many as it stands for',
    }),
    good: z.number().min(0).meta({ description: 'of them, those that the indicator calls good' }),
    ratio: z.number().min(0).max(1).nullable().meta({ description: 'good / total; null without requests' }),
    burn_rate: z.number().min(0).nullable().meta({
      description:
        'share of bad requests divided by the share that the target allows; 1 uses the budget up exactly',
    }),
  })
  .meta({ id: 'SloWindow' })
export type SloWindow = z.infer<typeof SloWindow>

export const SloBudget = z
  .strictObject({
    period: z.string().meta({ description: '`30d` and such for rolling periods; day, week, month, quarter' }),
    from: Instant.meta({ description: 'where the period began' }),
    total: z.number().min(0).meta({ description: 'requests counted in it so far' }),
    bad: z.number().min(0),
    allowed: z.number().min(0).meta({
      description:
        'bad requests that the target allows in the whole period; what was not counted, or is yet to come, is taken to be as busy as the rest',
    }),
    left: z.number().max(1).nullable().meta({
      description: 'share of the budget that is left, below 0 when it is overdrawn; null without requests',
    }),
    runs_out_at: Instant.nullable().meta({
      description:
        'when the budget is gone if the last hour goes on; null when it lasts. In the past or now: it is gone',
    }),
  })
  .meta({ id: 'SloBudget' })
export type SloBudget = z.infer<typeof SloBudget>

export const SloAlert = z
  .strictObject({
    severity: z.enum(['page', 'ticket']),
    window: z.enum(['1h', '6h', '3d']).meta({ description: 'the long one of its two windows' }),
    burn_rate: z.number().meta({ description: 'both windows burn faster than this' }),
    since: Instant,
    summary: z.string(),
  })
  .meta({ id: 'SloAlert' })
export type SloAlert = z.infer<typeof SloAlert>

export const SloStatus = z
  .strictObject({
    name: z.string().meta({ description: 'the label `slo` of alerts and metrics' }),
    display_name: z.string().nullable(),
    service: z.string(),
    indicator: z.enum(['availability', 'latency']),
    threshold_ms: z.number().positive().nullable().meta({ description: 'of a latency' }),
    objective: z.number().gt(0).lt(1).meta({ description: 'share of requests that must be good' }),
    origin: z.enum(['document', 'configuration', 'default']).meta({
      description: 'an OpenSLO document, slo.services, or slo.objective',
    }),
    alerting: z.boolean().meta({ description: 'its burn rates go to Alertmanager' }),
    source: z.enum(['metrics', 'spans']).nullable().meta({
      description:
        'what its requests are counted by: http.server.request.duration, or SERVER and CONSUMER spans; null while none came',
    }),
    since: Instant.meta({ description: 'since when they are counted' }),
    problem: z.string().nullable().meta({ description: 'why the figures may not mean what they should' }),
    windows: z.array(SloWindow),
    budget: SloBudget,
    alerts: z.array(SloAlert).meta({ description: 'firing' }),
    summary: z.string(),
  })
  .meta({ id: 'SloStatus' })
export type SloStatus = z.infer<typeof SloStatus>

/** `GET /api/slo`. */
export const SloReport = z
  .strictObject({ at: Instant, objectives: z.array(SloStatus) })
  .meta({ id: 'SloReport' })
export type SloReport = z.infer<typeof SloReport>
