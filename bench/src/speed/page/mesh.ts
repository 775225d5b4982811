import { Graph } from '@adf/contract'

const AT = '2026-03-01T03:12:05.250Z'
/** Services of one layer; each calls two of the next. */
const WIDE = 25

/** A causal graph of so many services in layers, as `GET /api/graph` answers it. */
export function meshOf(services: number): Graph {
  const id = (i: number) => `team-${i % 12}/service-${i}`
  const latency = { p50: 12, p95: 85, p99: 140 }
  const numbers = Array.from({ length: services }, (_, i) => i)
  return Graph.parse({
    at: AT,
    nodes: numbers.map((i) => ({
      id: id(i),
      name: `service-${i}`,
      kind: 'service',
      namespace: `team-${i % 12}`,
      rate: 1 + (i % 90),
      error_rate: i % 50 === 0 ? 0.1 : 0,
      latency,
      exclusive_ms: 8,
      anomaly_score: 0.1,
      last_seen: AT,
    })),
    edges: numbers.flatMap((i) =>
      [i + WIDE, i + WIDE + 1 + (i % 7)]
        .filter((to) => to < services)
        .map((to) => ({
          client: id(i),
          server: id(to),
          connection: 'call',
          calls: 1000,
          failures: 0,
          rate: 1 + (i % 40),
          error_rate: 0,
          client_latency: latency,
          server_latency: latency,
          gap_ms: 1,
          last_seen: AT,
        })),
    ),
    placements: [],
    changes: [],
    clocks: [],
  })
}
