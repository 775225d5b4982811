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

/** This processor as a site of federated training. */
export const SiteStatus = z
  .strictObject({
    server: z.string().meta({ description: 'URL of the federation server' }),
    client: z.string().nullable().meta({ description: 'its id there; null until it is enrolled' }),
    public_key: z.string().nullable().meta({
      description: 'Ed25519; other sites need it, with `client`, in their `federation.peers_file`',
    }),
    reachable: z.boolean().nullable().meta({ description: 'outcome of the last attempt; null before it' }),
    last_success_at: Instant.nullable(),
    last_error: z.string().nullable(),
    idle: z
      .string()
      .nullable()
      .meta({ description: 'why it trains for no round of any run; null: it has what to train on' }),
    runs: z.array(
      z.strictObject({
        run: z.string(),
        stream: z.string().meta({ description: 'of the run' }),
        version: z.int().min(0).nullable().meta({ description: 'of the global weights held' }),
        last_round: z.int().min(1).nullable().meta({ description: 'latest that an update of it counts in' }),
        last_missed: z.string().nullable().meta({
          description:
            'why it had no part in the latest round, or has none in the run; null: it had, or was not asked',
        }),
      }),
    ),
  })
  .meta({ id: 'SiteStatus' })
export type SiteStatus = z.infer<typeof SiteStatus>

/** Telemetry from Kafka. */
export const KafkaStatus = z
  .strictObject({
    group: z.string().meta({ description: 'consumer group' }),
    connected: z.boolean().meta({ description: 'in the group now' }),
    last_error: z.string().nullable().meta({ description: 'why it is not, or what goes wrong otherwise' }),
    missing_topics: z.array(z.string()).meta({ description: 'to be read, and not there' }),
    partitions: z.int().min(0).meta({ description: 'that the group gave to this process' }),
    lag: z.int().min(0).meta({ description: 'messages in them that are not taken yet' }),
    delay_seconds: z
      .number()
      .min(0)
      .meta({ description: 'how far the time of windows is behind the clock, while a backlog is read' }),
    dead_letters_waiting: z.int().min(0),
  })
  .meta({ id: 'KafkaStatus' })
export type KafkaStatus = z.infer<typeof KafkaStatus>

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
    federation: SiteStatus.nullable().meta({ description: 'null: no part in federated training' }),
    kafka: KafkaStatus.nullable().meta({ description: 'null: nothing is read from Kafka' }),
  })
  .meta({ id: 'Status' })
export type Status = z.infer<typeof Status>
