import { z } from 'zod'
import { Instant } from './scalar.ts'

export const EvidenceKind = z
  .enum([
    'exclusive_time',
    'gap',
    'error_origin',
    'missing_calls',
    'new_calls',
    'queue_delay',
    'saturation',
    'request_rate',
    'metric',
    'log',
    'exception',
    'change',
  ])
  .meta({
    id: 'EvidenceKind',
    description:
      'exclusive_time: time spent in the service itself; gap: time between caller and callee; error_origin: errors that begin there; missing_calls, new_calls: calls or operations per request that are gone or came up; queue_delay: time that messages wait; saturation: a resource of its host is used up; log: templates or their order that are new, gone or far more frequent; exception: exceptions by type; change: a version, image or configuration that changed',
  })
export type EvidenceKind = z.infer<typeof EvidenceKind>

export const Evidence = z
  .strictObject({
    kind: EvidenceKind,
    value: z.number().meta({ description: 'seen in the window, in `unit`' }),
    expected: z.number().nullable().meta({
      description:
        "normal, from the service's own history, in `unit`; null when a fixed limit was violated or nothing of the kind was seen before",
    }),
    unit: z.string().meta({ example: 'ms' }),
    strength: z.number().min(0).meta({ description: 'robust z-score against history; larger is stronger' }),
    probability: z.number().min(0).max(1).meta({
      description: 'chance that this is no accident of normal operation, as far as history tells',
    }),
    since: Instant.nullable().meta({ description: 'when it began; null when that is not known' }),
    subject: z.string().meta({
      description: 'operation, edge, feature or host that it was seen on',
      example: 'GET /checkout',
    }),
    text: z.string().meta({ example: 'exclusive time of POST /pay is 840 ms, normally 95 to 130 ms' }),
    example: z.string().optional().meta({ description: 'one log record of it; for `log` and `exception`' }),
  })
  .meta({ id: 'Evidence' })
export type Evidence = z.infer<typeof Evidence>

export const CauseKind = z.enum(['code', 'host', 'network', 'dependency', 'change']).meta({
  id: 'CauseKind',
  description:
    'code: the service itself; host: what it runs on; network: the way to it; dependency: something it calls that sends no spans of its own; change: a deployment or configuration of it',
})
export type CauseKind = z.infer<typeof CauseKind>

export const RootCause = z
  .strictObject({
    service: z.string(),
    probability: z.number().min(0).max(1).meta({
      description:
        'that the trouble began here; with those of the other candidates and `none` it sums to at most 1',
    }),
    kind: CauseKind.meta({ description: 'the likeliest kind' }),
    kinds: z
      .array(z.strictObject({ kind: CauseKind, probability: z.number().min(0).max(1) }))
      .meta({ description: 'given that this is the service, likeliest first; sums to 1' }),
    evidence: z.array(Evidence).meta({ description: 'strongest first' }),
    path: z.array(z.string()).meta({
      description: 'services from this one to the symptom farthest from it, along which the trouble spread',
      example: ['payment', 'checkout', 'frontend'],
    }),
    confirm: z.array(z.string()).meta({
      description: 'what to look at to be sure',
      example: ['compare a slow trace of POST /pay with one from before 03:12'],
    }),
  })
  .meta({ id: 'RootCause' })
export type RootCause = z.infer<typeof RootCause>

/** What the ranking is always shown beside, so that its gain is seen. Services, best first. */
export const Comparators = z
  .strictObject({ random: z.array(z.string()), max_z: z.array(z.string()), pagerank: z.array(z.string()) })
  .meta({ id: 'Comparators' })
export type Comparators = z.infer<typeof Comparators>

/** Also the output of `adf rca --json`. */
export const Ranking = z
  .strictObject({
    at: Instant,
    causes: z.array(RootCause).meta({ description: 'likeliest first' }),
    none: z.number().min(0).max(1).meta({
      description:
        'probability that none of the candidates is the cause: outside of what is seen, or nothing is wrong',
    }),
    suffering: z.array(z.string()).meta({
      description: 'services whose oddities the causes explain: they only suffer',
    }),
    comparators: Comparators,
  })
  .meta({ id: 'Ranking' })
export type Ranking = z.infer<typeof Ranking>
