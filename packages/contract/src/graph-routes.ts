import { z } from 'zod'
import { Graph } from './graph.ts'
import { GraphDiff, GraphOperations } from './graph-history.ts'
import { Ranking } from './rootcause.ts'
import { none, type Route } from './route.ts'
import { Instant } from './scalar.ts'

/** Routes of the causal graph and of what is ranked on it. */
export const graphRoutes = {
  getGraph: {
    ...none,
    method: 'get',
    path: '/api/graph',
    tag: 'graph',
    summary: 'The causal graph, now or as it was',
    description:
      'With `at`, the latest graph kept at or before that time (one a minute, `graph.snapshot_interval`); its own `at` says of when it is.',
    scope: 'read',
    query: z.strictObject({
      at: Instant.optional().meta({ description: 'a time within retention; left out: now' }),
    }),
    answer: { status: 200, text: 'The graph', schema: Graph },
    problems: [404],
  },
  getGraphDiff: {
    ...none,
    method: 'get',
    path: '/api/graph/diff',
    tag: 'graph',
    summary: 'What changed in the graph between two times',
    scope: 'read',
    query: z.strictObject({
      from: Instant.meta({ description: 'the earlier time, within retention' }),
      to: Instant.optional().meta({ description: 'the later time; left out: now' }),
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .max(10_000)
        .default(100)
        .meta({ description: 'entries of each list at most' }),
    }),
    answer: { status: 200, text: 'The difference', schema: GraphDiff },
    problems: [404],
  },
  listGraphOperations: {
    ...none,
    method: 'get',
    path: '/api/graph/operations',
    tag: 'graph',
    summary: 'Operations within one service, now',
    scope: 'read',
    query: z.strictObject({
      service: z.string().min(1).max(512).meta({ description: "id of a service's node" }),
    }),
    answer: { status: 200, text: 'The operations', schema: GraphOperations },
    problems: [404],
  },
  getRootCauses: {
    ...none,
    method: 'get',
    path: '/api/root-causes',
    tag: 'graph',
    summary: 'Ranked root causes',
    description: 'Of what is unusual now, or of one incident as it was last ranked.',
    scope: 'read',
    query: z.strictObject({
      incident: z.string().min(1).max(64).optional().meta({ description: 'id of an incident' }),
      top: z.coerce.number().int().min(1).max(50).default(5).meta({ description: 'causes at most' }),
    }),
    answer: { status: 200, text: 'The ranking', schema: Ranking },
    problems: [404],
  },
} as const satisfies Record<string, Route>
