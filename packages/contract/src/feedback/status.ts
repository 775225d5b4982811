import { z } from 'zod'
import { Instant } from '../scalar.ts'

/** `GET /api/status` of the webhook. */
export const FeedbackStatus = z
  .strictObject({
    version: z.string(),
    started_at: Instant,
    last_notification_at: Instant.nullable(),
    notifications: z.int().min(0).meta({ description: 'since the start' }),
    open_alerts: z.int().min(0),
    undelivered: z.int().min(0).meta({ description: 'verdicts that the processor does not have yet' }),
    processors: z.array(
      z.strictObject({
        url: z.string(),
        reachable: z.boolean(),
        verdict_cursor: z.int().min(0),
        error: z.string().nullable(),
      }),
    ),
    alertmanagers: z.array(
      z.strictObject({ url: z.string(), reachable: z.boolean(), error: z.string().nullable() }),
    ),
  })
  .meta({ id: 'FeedbackStatus' })
export type FeedbackStatus = z.infer<typeof FeedbackStatus>
