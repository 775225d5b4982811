import { duration } from '@adf/service'
import { z } from 'zod'

/** The section `value`. */
export const value = z
  .strictObject({
    period: duration('30d', { min: '1h' }).meta({ description: 'looked at, where the request says nothing' }),
    shift: duration('12h', { min: '1h', max: '30d' }).meta({ description: 'length of a shift on call' }),
    people: z.int().min(1).max(1000).default(1).meta({ description: 'who share the alerts of a shift' }),
    budget: z.number().min(0).max(10_000).default(2).meta({
      description: 'alerts that a person can see to in a shift',
    }),
    max_alerts: z.int().min(100).max(200_000).default(50_000).meta({
      description: 'alerts that are looked at at most, the latest',
    }),
  })
  .prefault({})
  .meta({ description: 'what alerts were worth' })
