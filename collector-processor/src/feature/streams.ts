import { HOST_FEATURES, SERVICE_FEATURES } from '@adf/contract'
import { duration } from '@adf/service'
import { z } from 'zod'

const name = z.string().regex(/^[a-z][a-z0-9_]*$/)

const feature = z.strictObject({
  from: z.string().min(1).optional().meta({
    description: 'events: the numeric field (dots reach into objects); the name of the feature when left out',
  }),
  hour_of_day: z.string().min(1).optional().meta({
    description: 'events: the hour (0 to 24, UTC, with fraction) of the time in this field',
  }),
  frequency: z
    .strictObject({
      window: duration('1h', { min: '1s', max: '30d' }).meta({
        description: 'how far back events are counted, to a sixtieth of it',
      }),
    })
    .optional()
    .meta({
      description:
        'events: how many events of this entity came in the window, this one included; missing until the first was a window ago',
    }),
  source: z.string().optional().meta({
    description: 'service and host: the standard feature that it is; the name of the feature when left out',
  }),
  unit: z.string().optional().meta({ description: 'unit in texts, such as ms or %' }),
  direction: z.enum(['high', 'low', 'both']).optional().meta({
    description: 'which deviation is bad; both when left out, for a standard feature what is usual for it',
  }),
  symptom: z.boolean().optional().meta({
    description:
      'users suffer when it is off: such a change is an incident for as long as it lasts, and is not learned; of standard features true for latencies and error rates',
  }),
  max: z.number().optional().meta({ description: 'fixed upper limit of the rules detector' }),
  min: z.number().optional().meta({ description: 'fixed lower limit of the rules detector' }),
})
export type DeclaredFeature = z.output<typeof feature>

const stream = z
  .strictObject({
    kind: z.enum(['event', 'service', 'host']).default('event').meta({
      description:
        'event: made of JSON events posted to /api/events/STREAM; service or host: a choice of the standard features',
    }),
    entity: z.string().min(1).optional().meta({
      description: 'events: the field that names the entity; the stream itself is the entity when left out',
    }),
    time: z.string().min(1).default('timestamp').meta({
      description: 'events: the field with the time (RFC 3339 or Unix milliseconds); arrival when absent',
    }),
    features: z
      .record(name, feature)
      .meta({ description: 'name of the feature -> where its value is from and how to judge it' }),
  })
  .superRefine((declared, context) => {
    const fault = (path: readonly string[], message: string) =>
      context.addIssue({ code: 'custom', path: ['features', ...path], message })
    const features = Object.entries(declared.features)
    if (features.length === 0) fault([], 'a stream needs at least one feature')
    if (features.length > MAX_FEATURES)
      fault([], `a stream has at most ${MAX_FEATURES} features, got ${features.length}`)
    for (const [key, each] of features)
      for (const message of faults(declared.kind, key, each)) fault([key], message)
  })
export type DeclaredStream = z.output<typeof stream>

const MAX_FEATURES = 256

function faults(kind: 'event' | 'service' | 'host', key: string, each: DeclaredFeature): string[] {
  const found: string[] = []
  const of = (['from', 'hour_of_day', 'frequency'] as const).filter((one) => each[one] !== undefined)
  if (kind === 'event') {
    if (of.length > 1) found.push(`takes one of from, hour_of_day and frequency, got ${of.join(' and ')}`)
    if (each.source !== undefined)
      found.push('source is for streams of kind service or host; use from for a field of an event')
  } else {
    if (of.length > 0)
      found.push(`${of.join(', ')} is for streams of kind event; use source for a standard feature`)
    const known: readonly string[] = kind === 'service' ? SERVICE_FEATURES : HOST_FEATURES
    const source = each.source ?? key
    if (!known.includes(source))
      found.push(`"${source}" is not a standard feature of a ${kind}; there are ${known.join(', ')}`)
  }
  if (each.min !== undefined && each.max !== undefined && each.min >= each.max)
    found.push(`min (${each.min}) must be less than max (${each.max})`)
  return found
}

const BUILT_IN = ['service', 'host']

/** Streams that config declares beside the built-in `service` and `host`. Adding one needs no code. */
export const streams = z
  .record(name, stream)
  .default({})
  .superRefine((declared, context) => {
    for (const taken of BUILT_IN.filter((one) => one in declared))
      context.addIssue({
        code: 'custom',
        path: [taken],
        message: `the stream ${taken} is built in; choose another name`,
      })
  })
export type DeclaredStreams = z.output<typeof streams>
