import { z } from 'zod'
import { Instant } from '../scalar.ts'

/** Who did what at the webhook. */
export const AuditEntry = z
  .strictObject({
    sequence: z.int().min(1),
    at: Instant,
    actor: z
      .string()
      .meta({ description: '`operator:NAME` of the token, `author:NAME`, `tuner`, or a channel' }),
    action: z.string().meta({ example: 'verdict.given' }),
    subject: z.string(),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'FeedbackAuditEntry' })
export type AuditEntry = z.infer<typeof AuditEntry>

/** Newest first. */
export const AuditPage = z
  .strictObject({ items: z.array(AuditEntry), next_cursor: z.string().nullable() })
  .meta({ id: 'FeedbackAuditPage' })
export type AuditPage = z.infer<typeof AuditPage>
