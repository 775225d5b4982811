import { z } from 'zod'
import { Instant } from '../scalar.ts'

const Interval = z
  .tuple([z.number().min(0).max(1), z.number().min(0).max(1), z.number().min(0).max(1)])
  .nullable()

/** What alerts of one rule, service or entity were worth. Intervals are low, estimate, high (95 %). */
export const AlertValueRow = z
  .strictObject({
    name: z.string(),
    ours: z.boolean().nullable().meta({ description: 'sent by ADF; null: some are, some not' }),
    alerts: z.int().min(0),
    useful: z.int().min(0),
    noise: z.int().min(0),
    precision: Interval,
    recall: Interval.meta({
      description: 'estimated from missed incidents and from answers to questions; null when nothing says',
    }),
    silenced: z.int().min(0),
    median_acknowledge_s: z.number().min(0).nullable(),
    median_duration_s: z.number().min(0).nullable(),
    alerts_per_shift: z.number().min(0),
  })
  .meta({ id: 'AlertValueRow' })
export type AlertValueRow = z.infer<typeof AlertValueRow>

export const AlertValue = z
  .strictObject({
    from: Instant,
    to: Instant,
    by: z.enum(['rule', 'service', 'entity']),
    shift_hours: z.number().gt(0),
    budget_per_shift: z.number().min(0),
    alerts_per_shift: z.number().min(0).meta({ description: 'of all together, silenced ones left out' }),
    total: AlertValueRow,
    rows: z.array(AlertValueRow).meta({ description: 'most noise first' }),
    text: z.string().meta({
      example: 'Two of ten alerts were worth sending. HighCpu made 31 of the 40 that were not.',
    }),
  })
  .meta({ id: 'AlertValue' })
export type AlertValue = z.infer<typeof AlertValue>
