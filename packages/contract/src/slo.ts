import { z } from 'zod'
import { Instant } from './scalar.ts'

export const SloWindow = z
  .strictObject({
    window: z.enum(['5m', '1h', '6h']),
    total: z.int().min(0).meta({ description: 'requests served in the window' }),
    good: z.int().min(0).meta({ description: 'of them, those that did not fail' }),
    ratio: z.number().min(0).max(1).nullable().meta({ description: 'good / total; null without requests' }),
    burn_rate: z.number().min(0).nullable().meta({
      description:
        'share of failures divided by the share that the objective allows; 1 uses the budget up exactly',
    }),
  })
  .meta({ id: 'SloWindow' })
export type SloWindow = z.infer<typeof SloWindow>

export const SloStatus = z
  .strictObject({
    service: z.string(),
    objective: z.number().gt(0).lt(1).meta({ description: 'share of requests that must succeed' }),
    windows: z.array(SloWindow),
  })
  .meta({ id: 'SloStatus' })
export type SloStatus = z.infer<typeof SloStatus>

/** `GET /api/slo`. Counts are kept in memory, in minutes: a window never looks back beyond `since`. */
export const SloReport = z
  .strictObject({ at: Instant, since: Instant, services: z.array(SloStatus) })
  .meta({ id: 'SloReport' })
export type SloReport = z.infer<typeof SloReport>
