import { z } from 'zod'
import { Instant } from './scalar.ts'

export const NodeKind = z.enum(['service', 'database', 'messaging', 'peer', 'user']).meta({
  id: 'NodeKind',
  description: 'all but `service` are virtual: seen only through the spans of their callers',
})
export type NodeKind = z.infer<typeof NodeKind>

export const Latency = z
  .strictObject({ p50: z.number(), p95: z.number(), p99: z.number() })
  .meta({ id: 'Latency', description: 'milliseconds' })
export type Latency = z.infer<typeof Latency>

export const GraphNode = z
  .strictObject({
    id: z.string().meta({
      description:
        "the service's name, or `KIND:NAME` for a virtual node, so that a service called user stays itself",
    }),
    name: z.string(),
    kind: NodeKind,
    namespace: z.string().optional(),
    rate: z.number().meta({ description: 'requests served per second' }),
    error_rate: z.number().min(0).max(1),
    latency: Latency.nullable(),
    exclusive_ms: z
      .number()
      .nullable()
      .meta({ description: 'mean time spent in the service itself, per request' }),
    anomaly_score: z.number().min(0).max(1).nullable(),
    last_seen: Instant,
  })
  .meta({ id: 'GraphNode' })
export type GraphNode = z.infer<typeof GraphNode>

export const GraphEdge = z
  .strictObject({
    client: z.string(),
    server: z.string(),
    connection: z.enum(['call', 'database', 'messaging', 'peer', 'user']),
    calls: z.number().meta({ description: 'all calls since the edge was first seen' }),
    failures: z.number(),
    rate: z.number().meta({ description: 'calls per second, decaying with time' }),
    error_rate: z.number().min(0).max(1),
    client_latency: Latency.nullable(),
    server_latency: Latency.nullable(),
    gap_ms: z
      .number()
      .nullable()
      .meta({ description: 'mean of client minus server duration: network and queueing' }),
    last_seen: Instant,
  })
  .meta({ id: 'GraphEdge' })
export type GraphEdge = z.infer<typeof GraphEdge>

export const GraphPlacement = z
  .strictObject({
    service: z.string().meta({ description: "a node's id" }),
    instance: z.string().nullable().meta({ description: 'service.instance.id' }),
    pod: z.string().nullable().meta({ description: 'NAMESPACE/NAME of the Kubernetes pod' }),
    node: z.string().nullable().meta({ description: 'k8s.node.name' }),
    host: z.string().nullable().meta({ description: 'host.name' }),
    last_seen: Instant,
  })
  .meta({
    id: 'GraphPlacement',
    description: 'where an instance of a service runs, by its resource attributes',
  })
export type GraphPlacement = z.infer<typeof GraphPlacement>

export const GraphChange = z
  .strictObject({
    at: Instant.meta({ description: 'first telemetry with the new value' }),
    service: z.string().meta({ description: "a node's id" }),
    what: z.enum(['version', 'image', 'config']),
    attribute: z.string().meta({ description: 'resource attribute that changed' }),
    from: z.string(),
    to: z.string(),
  })
  .meta({ id: 'GraphChange', description: 'a deployment, seen in resource attributes' })
export type GraphChange = z.infer<typeof GraphChange>

export const GraphClock = z
  .strictObject({
    client: z.string().meta({ description: 'a host, by host.name or k8s.node.name' }),
    server: z.string(),
    offset_ms: z.number().meta({ description: "how far the server's clock is ahead of the client's" }),
    error_ms: z.number().meta({ description: 'by so much the estimate may be off' }),
  })
  .meta({
    id: 'GraphClock',
    description: 'two hosts whose clocks differ for sure, by the calls between them',
  })
export type GraphClock = z.infer<typeof GraphClock>

export const Graph = z
  .strictObject({
    at: Instant,
    nodes: z.array(GraphNode),
    edges: z.array(GraphEdge),
    placements: z.array(GraphPlacement).meta({ description: 'what runs where' }),
    changes: z.array(GraphChange).meta({ description: 'the latest 100 deployments, oldest first' }),
    clocks: z.array(GraphClock).meta({ description: 'the 100 pairs of hosts whose clocks differ most' }),
  })
  .meta({ id: 'Graph' })
export type Graph = z.infer<typeof Graph>
