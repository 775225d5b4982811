import { z } from 'zod'
import { GraphChange, GraphEdge } from './graph.ts'
import { Instant } from './scalar.ts'

const Moved = z
  .strictObject({ from: z.number().nullable(), to: z.number().nullable() })
  .meta({ id: 'Moved', description: 'a value at the two times; null where it was not known' })

const moves = {
  rate: Moved.meta({ description: 'per second' }),
  error_rate: Moved,
  latency_p95: Moved.meta({
    description: 'milliseconds; of an edge, as the server saw it, else as the client did',
  }),
}
const ends = { client: z.string(), server: z.string(), connection: GraphEdge.shape.connection }
const GraphEnds = z.strictObject(ends).meta({ id: 'GraphEnds', description: 'names an edge' })

/** What is different between the graphs of two times. */
export const GraphDiff = z
  .strictObject({
    from: Instant.meta({ description: 'of the graph that was there at the earlier time' }),
    to: Instant,
    nodes: z.strictObject({
      added: z.array(z.string()),
      gone: z.array(z.string()),
      changed: z.array(z.strictObject({ id: z.string(), ...moves })),
    }),
    edges: z.strictObject({
      added: z.array(GraphEnds),
      gone: z.array(GraphEnds),
      changed: z.array(z.strictObject({ ...ends, ...moves })),
    }),
    changes: z.array(GraphChange).meta({ description: 'deployments between the two times' }),
    left_out: z.int().min(0).meta({ description: 'entries past `limit`, of all lists together' }),
  })
  .meta({
    id: 'GraphDiff',
    description:
      'Changed is what has another rate or 95th percentile by a factor of 1.5, or another error rate by 0.02; the most changed first.',
  })
export type GraphDiff = z.infer<typeof GraphDiff>

export const GraphOperations = z
  .strictObject({
    at: Instant,
    service: z.string(),
    window_seconds: z.number().meta({ description: 'what the figures are taken over, up to `at`' }),
    operations: z
      .array(
        z
          .strictObject({
            operation: z.string().meta({ description: 'name of its spans' }),
            rate: z.number().meta({ description: 'spans per second' }),
            error_origin_rate: z.number().min(0).max(1).meta({
              description: 'share of its spans in which an error began: failed, with no failed child',
            }),
            exclusive_ms: z
              .number()
              .nullable()
              .meta({ description: 'mean time of a span that no child covers' }),
            share: z
              .number()
              .min(0)
              .max(1)
              .meta({ description: 'of the time that all operations of the service spend themselves' }),
          })
          .meta({ id: 'GraphOperation' }),
      )
      .meta({ description: 'largest share first; those without spans in the window are left out' }),
  })
  .meta({ id: 'GraphOperations' })
export type GraphOperations = z.infer<typeof GraphOperations>
