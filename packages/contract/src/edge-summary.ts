import { z } from 'zod'
import { Entity } from './entity.ts'
import { HOST_FEATURES } from './features.ts'
import { GraphEdge, NodeKind } from './graph.ts'
import { LogSummary, RecordsOfService } from './log-summary.ts'

const Count = z.number()
const Milliseconds = z.number()
const Time = z.number().meta({ description: 'Unix milliseconds' })
const Name = z.string().max(4096)
/** Rows of one message: far more than fit into the megabyte that a broker takes. */
const MOST = 100_000
const MOST_SLOTS = 10_000

/** Durations with the number of those that were alike, to a 64th of a power of two at least. */
const Durations = z.array(z.tuple([Milliseconds.min(0), Count])).max(MOST_SLOTS)

const Node = z.strictObject({
  kind: NodeKind,
  name: Name,
  latency: Durations,
  slots: z
    .array(z.tuple([Time, Count, Count, Milliseconds, Count]))
    .max(MOST_SLOTS)
    .meta({
      description: 'begin of the slot; requests, failures, sum of durations, client spans still unpaired',
    }),
  exemplars: z.array(z.tuple([Time, z.string().regex(/^[0-9a-f]{32}$/)])).max(1000),
})

const Operation = z.strictObject({
  node: z.int().min(0).meta({ description: 'index in `nodes`' }),
  name: Name,
  spans: Count,
  slots: z
    .array(z.tuple([Time, Count, Milliseconds, Count]))
    .max(MOST_SLOTS)
    .meta({ description: 'begin of the slot; spans, their exclusive time, errors that began there' }),
})

const Edge = z.strictObject({
  client: z.int().min(0).meta({ description: 'index in `nodes`' }),
  server: z.int().min(0).meta({ description: 'index in `nodes`' }),
  connection: GraphEdge.shape.connection,
  client_ms: Milliseconds.meta({ description: 'sum of the durations of client spans' }),
  server_ms: Milliseconds,
  gap: z.tuple([Milliseconds, Count]).meta({ description: 'of pairs: sum, and how many' }),
  client_latency: Durations,
  server_latency: Durations,
  slots: z
    .array(z.tuple([Time, Count, Count, Milliseconds, Count, Count, Count]))
    .max(MOST_SLOTS)
    .meta({
      description: 'begin of the slot; calls, failures, gap, how many have one, unanswered, unexplained',
    }),
})

const Sight = z.strictObject({
  service: Name,
  placement: z
    .strictObject({ instance: Name, pod: Name, node: Name, host: Name })
    .nullable()
    .meta({ description: "null: the resource names no place, or a pod's node alone" }),
  pod: Name,
  node: Name,
  deployments: z
    .array(z.strictObject({ what: z.enum(['version', 'image', 'config']), attribute: Name, value: Name }))
    .max(100),
})

const Clock = z.strictObject({
  client: Name,
  server: Name,
  offset_ms: Milliseconds,
  error_ms: Milliseconds.min(0),
})

export const SpanSummary = z
  .strictObject({
    latest_at: Time.nullable().meta({ description: 'end of the latest span so far' }),
    nodes: z.array(Node).max(MOST),
    operations: z.array(Operation).max(MOST),
    edges: z.array(Edge).max(MOST),
    sights: z.array(Sight).max(MOST).meta({ description: 'what resources tell of places and releases' }),
    clocks: z.array(Clock).max(100),
  })
  .meta({
    id: 'SpanSummary',
    description:
      'What the spans of one step add to the causal graph. What was told too early is taken back by numbers below 0',
  })
export type SpanSummary = z.infer<typeof SpanSummary>

const Collection = z
  .strictObject({
    writer: z.string().min(1).max(100).meta({ description: 'the same for the same resource' }),
    at: Time,
    arrived_at: Time,
    interval_ms: Milliseconds,
    host: z
      .array(z.number().nullable())
      .length(HOST_FEATURES.length)
      .meta({ description: 'features of the stream `host`' }),
    requests: z
      .strictObject({
        rate: z.number(),
        failures: z.number(),
        buckets: z
          .array(z.tuple([z.number().nullable(), z.number().nullable(), z.number()]))
          .max(MOST_SLOTS)
          .meta({ description: 'low and high end in ms, null without; requests per second' }),
      })
      .nullable(),
  })
  .meta({ description: 'metrics that one writer exported at one time' })

export const ServiceSummary = z
  .object({
    entity: Entity,
    version: z.string().max(4096).nullable(),
    seen_at: Time.meta({ description: 'arrival of its last telemetry' }),
    spans_at: Time.meta({ description: 'of its last span; 0: none' }),
    requested_at: Time.meta({ description: 'of its last request; 0: none' }),
    missed_at: Time.meta({ description: 'of its last span or record that no window takes; 0: none' }),
    delays: z.tuple([z.number().nullable(), z.number().nullable()]).meta({
      description: 'largest and smallest of arrival minus end of a request, or time of a record, ms',
    }),
    steps: z
      .array(
        z.strictObject({
          at: Time.meta({ description: 'begin of the step of event time' }),
          requests: Count.min(0),
          failures: Count.min(0),
          arrived_at: Time,
          latency: Durations,
        }),
      )
      .max(MOST_SLOTS),
    dialects: z.array(Name).max(MOST_SLOTS).meta({ description: 'of the attributes of its metrics' }),
    collections: z.array(Collection).max(MOST_SLOTS),
    logs: RecordsOfService.optional().meta({ description: 'left out: none came' }),
  })
  .meta({ id: 'ServiceSummary', description: 'what came of one service entity in one step' })
export type ServiceSummary = z.infer<typeof ServiceSummary>

const shard = z.string().min(1).max(512).meta({ description: 'id of the topic/number of the partition' })
const epoch = z.int().min(1).meta({
  description:
    "of the fence of who read the shard: once a higher one was seen, a lower one's messages are void",
})

/**
 * A message of `adf.edges`: what one member tells all of a partition of spans, metrics or logs. Messages of a shard are in order. Fields
 * that a reader does not know are passed over, so that a later version may add to a step and to a service without another `version`.
 */
export const EdgeSummary = z
  .discriminatedUnion('kind', [
    z.strictObject({ version: z.literal(1), kind: z.literal('begin'), shard, epoch }),
    z.object({
      version: z.literal(1),
      kind: z.literal('step'),
      shard,
      epoch,
      at: Time.meta({ description: 'end of the step' }),
      offset: z
        .int()
        .min(0)
        .meta({ description: 'all messages of the partition before it are in this step or an earlier one' }),
      part: z.int().min(0).meta({ description: 'of this step, from 0' }),
      last: z.boolean().meta({ description: 'no further part of the step follows' }),
      spans: SpanSummary,
      services: z.array(ServiceSummary).max(MOST),
      logs: LogSummary.optional().meta({
        description: 'left out: none came. Never written while members do not read `kafka.topics.logs`',
      }),
    }),
  ])
  .meta({ id: 'EdgeSummary' })
export type EdgeSummary = z.infer<typeof EdgeSummary>
