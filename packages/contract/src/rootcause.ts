import { z } from 'zod'
import { Instant } from './scalar.ts'

export const EvidenceKind = z
  .enum(['exclusive_time', 'gap', 'error_origin', 'missing_calls', 'request_rate', 'metric', 'log'])
  .meta({ id: 'EvidenceKind' })
export type EvidenceKind = z.infer<typeof EvidenceKind>

export const Evidence = z
  .strictObject({
    kind: EvidenceKind,
    value: z.number().meta({ description: 'seen in the window, in `unit`' }),
    expected: z.number().nullable().meta({
      description: "normal, from the service's own history, in `unit`; null when a fixed limit was violated",
    }),
    unit: z.string().meta({ example: 'ms' }),
    strength: z.number().min(0).meta({ description: 'robust z-score against history; larger is stronger' }),
    subject: z
      .string()
      .meta({ description: 'operation, edge or feature that it was seen on', example: 'GET /checkout' }),
    text: z.string().meta({ example: 'exclusive time of POST /pay is 840 ms, normally 95 to 130 ms' }),
  })
  .meta({ id: 'Evidence' })
export type Evidence = z.infer<typeof Evidence>

export const RootCause = z
  .strictObject({
    service: z.string(),
    score: z
      .number()
      .min(0)
      .max(1)
      .meta({ description: 'share of the blame; the scores of all candidates sum to at most 1' }),
    evidence: z.array(Evidence).meta({ description: 'strongest first' }),
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
  .strictObject({ at: Instant, causes: z.array(RootCause), comparators: Comparators })
  .meta({ id: 'Ranking' })
export type Ranking = z.infer<typeof Ranking>
