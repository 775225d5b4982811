import { z } from 'zod'
import { Instant } from './scalar.ts'

const Received = z.strictObject({
  count: z.int().min(0).meta({ description: 'spans, data points or records since the start' }),
  last_at: Instant.nullable().meta({ description: 'last arrival; null when none came yet' }),
})

/** How one destination of alerts or telemetry is doing. */
export const DeliveryStatus = z
  .strictObject({
    name: z.string().meta({ example: 'alertmanager/0' }),
    reachable: z.boolean().nullable().meta({ description: 'outcome of the last attempt; null before it' }),
    last_success_at: Instant.nullable(),
    last_error: z.string().nullable(),
  })
  .meta({ id: 'DeliveryStatus' })
export type DeliveryStatus = z.infer<typeof DeliveryStatus>

/** `GET /api/status`: is it working, now. */
export const Status = z
  .strictObject({
    version: z.string(),
    started_at: Instant,
    at: Instant,
    uptime_seconds: z.number().min(0),
    ready: z.boolean(),
    telemetry: z.strictObject({ spans: Received, metrics: Received, logs: Received, events: Received }),
    streams: z.array(z.string()),
    detectors: z.array(z.string()),
    entities: z.strictObject({
      total: z.int().min(0),
      warming_up: z.int().min(0).meta({ description: 'still learning what is normal; not scored yet' }),
      scored: z.int().min(0),
    }),
    graph: z.strictObject({ nodes: z.int().min(0), edges: z.int().min(0) }),
    incidents: z.strictObject({ open: z.int().min(0) }),
    store: z.strictObject({
      writable: z.boolean(),
      last_error: z
        .string()
        .nullable()
        .meta({ description: 'why it cannot be written now, such as a full disk' }),
    }),
    deliveries: z.array(DeliveryStatus),
  })
  .meta({ id: 'Status' })
export type Status = z.infer<typeof Status>
