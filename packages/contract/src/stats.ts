import { z } from 'zod'
import { Instant } from './scalar.ts'

const Count = z.int().min(0)
const CountBy = z.record(z.string(), Count)

/** `GET /api/stats`: what was found and what operators said of it, within the retention time of the store. */
export const Stats = z
  .strictObject({
    at: Instant,
    anomalies: z.strictObject({
      total: Count,
      last_hour: Count,
      last_day: Count,
      by_stream: CountBy,
      by_type: CountBy,
      by_verdict: z.strictObject({ true_positive: Count, false_positive: Count, none: Count }),
    }),
    incidents: z.strictObject({
      total: Count,
      open: Count,
      resolved: Count,
      merged: Count,
      by_verdict: z.strictObject({ true_positive: Count, false_positive: Count, none: Count }),
    }),
    root_causes: z.strictObject({
      judged: Count.meta({ description: 'incidents with a verdict' }),
      confirmed: Count.meta({ description: 'of them, those whose first-ranked cause was confirmed' }),
      accuracy: z.number().min(0).max(1).nullable(),
    }),
  })
  .meta({ id: 'Stats' })
export type Stats = z.infer<typeof Stats>
