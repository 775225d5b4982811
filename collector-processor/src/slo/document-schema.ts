import { duration } from '@adf/service'
import { DateTime, IANAZone } from 'luxon'
import { z } from 'zod'
import { DEFAULT_NAME } from './objective.ts'

/** A key of OpenSLO that is not taken; the message says what to do instead. */
const refused = (message: string) => z.undefined({ error: message }).optional()
export const literal = <T extends string>(value: T, message: string) => z.literal(value, { error: message })

const NAME = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, {
    error: 'must be lower-case letters, digits and hyphens, such as checkout-availability',
  })
const Texts = z.record(z.string(), z.union([z.string(), z.array(z.string())]))
export const Metadata = z.strictObject({
  name: NAME.refine((name) => name !== DEFAULT_NAME, {
    error: `${DEFAULT_NAME} is the name of objectives without a document: choose another`,
  }),
  displayName: z.string().max(200).optional(),
  labels: Texts.optional(),
  annotations: Texts.optional(),
})

const Length = duration('1s', { min: '1ms', max: '1h' })
const Threshold = z
  .string({ error: 'needs a unit, as text: 300ms or 1.5s' })
  .regex(/^\d+(\.\d+)?(ms|s|m)$/, { error: 'needs a unit: 300ms or 1.5s' })
  .transform((text, context) => {
    const read = Length.safeParse(text)
    if (read.success) return read.data
    for (const { message } of read.error.issues) context.addIssue({ code: 'custom', message })
    return z.NEVER
  })

const metric = <K extends 'availability' | 'latency' | 'requests'>(kinds: readonly [K, ...K[]]) =>
  z.strictObject({
    metricSource: z.strictObject({
      metricSourceRef: refused('data sources are not taken: leave it out, and set type to adf'),
      type: literal('adf', 'must be adf: objectives are measured by what ADF itself receives'),
      spec: z.strictObject({
        service: z.string().min(1).max(500).optional(),
        kind: z.enum(kinds, { error: `must be ${kinds.join(' or ')}` }),
        threshold: Threshold.optional(),
      }),
    }),
  })
const Good = metric(['availability', 'latency'])
const Latency = metric(['latency'])

const IndicatorSpec = z.strictObject({
  metadata: z
    .strictObject({
      name: NAME,
      displayName: z.string().optional(),
      labels: Texts.optional(),
      annotations: Texts.optional(),
    })
    .optional(),
  spec: z.strictObject({
    description: z.string().optional(),
    ratioMetric: z
      .strictObject({
        counter: z.literal(true, { error: 'must be true: ADF counts requests' }).optional(),
        good: Good,
        total: metric(['requests']),
        bad: refused('is not taken: name what is good instead'),
        raw: refused('is not taken: name good and total'),
        rawType: refused('is not taken: name good and total'),
      })
      .optional(),
    thresholdMetric: Latency.optional(),
  }),
})

const Window = z.strictObject({
  duration: z.string().regex(/^\d+[smhdwMQY]$/, { error: 'must be a duration such as 30d, 4w or 1M' }),
  isRolling: z.boolean({ error: 'must be true or false' }),
  calendar: z
    .strictObject({
      startTime: z.string().refine((text) => DateTime.fromSQL(text, { zone: 'utc' }).isValid, {
        error: 'must be a time such as 2026-01-01 00:00:00',
      }),
      timeZone: z.string().refine((name) => IANAZone.isValidZone(name), {
        error: 'must be the name of a time zone, such as Europe/Oslo or UTC',
      }),
    })
    .optional(),
})

const share = (of: number) =>
  z
    .number({ error: `must be a number above 0 and below ${of}` })
    .gt(0, { error: 'must be above 0: below it nothing is ever too bad' })
    .lt(of, {
      error: `must be below ${of}: a perfect objective has no error budget, so that any failure overdraws it`,
    })
    .optional()
const slices = refused('is not taken: ADF counts occurrences, not slices of time')

const Target = z.strictObject({
  displayName: z.string().optional(),
  op: literal('lte', 'must be lte: a latency is good up to its threshold').optional(),
  value: z.number().optional(),
  target: share(1),
  targetPercent: share(100),
  timeSliceTarget: slices,
  timeSliceWindow: slices,
  indicator: refused('is not taken: write one document for each indicator'),
  indicatorRef: refused('is not taken: write one document for each indicator'),
  compositeWeight: refused('composite objectives are not taken: write one document for each'),
})

/** The part `spec` of a document, as far as it is taken. */
export const Spec = z.strictObject({
  description: z.string().optional(),
  service: z.string().min(1).max(500),
  indicator: IndicatorSpec,
  indicatorRef: refused('is not taken: write the indicator into the document'),
  timeWindow: z.array(Window).length(1, { error: 'must be one time window' }).optional(),
  budgetingMethod: literal('Occurrences', 'must be Occurrences: ADF counts requests').optional(),
  objectives: z.array(Target).length(1, {
    error: 'must be one objective: write one document for each',
  }),
  alertPolicies: refused('is not taken: ADF alerts by the burn rates 14.4, 6 and 1'),
})
export type Spec = z.output<typeof Spec>
export type TimeWindow = z.output<typeof Window>
