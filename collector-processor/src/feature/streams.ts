import { z } from 'zod'

const feature = z.strictObject({
  unit: z.string().default('').meta({ description: 'unit in texts, such as ms or %' }),
  direction: z.enum(['high', 'low', 'both']).default('both').meta({ description: 'which deviation is bad' }),
  max: z.number().optional().meta({ description: 'fixed upper limit of the rules detector' }),
  min: z.number().optional().meta({ description: 'fixed lower limit of the rules detector' }),
})

const stream = z.strictObject({
  entity: z.string().optional().meta({
    description: 'events: the field that names the entity; the stream itself is the entity when left out',
  }),
  time: z.string().default('timestamp').meta({
    description: 'events: the field with the time (RFC 3339 or Unix milliseconds); arrival when absent',
  }),
  features: z
    .record(z.string().regex(/^[a-z][a-z0-9_]*$/), feature)
    .meta({ description: 'name of a numeric field of the event -> how to judge it' }),
})

/** Streams that config declares beside the built-in `service` and `host`. Adding one needs no code. */
export const streams = z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), stream).default({})
