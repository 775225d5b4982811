import type { Graph } from '@adf/contract'
import type { Pipeline } from '../pipeline.ts'
import type { ScoringEngine } from '../scoring/engine.ts'

/** The pieces of the graph that are kept, with the scores of then. */
export function* scoredSlices(
  pipeline: Pipeline,
  scoring: ScoringEngine,
  nowMs: number,
): Iterable<Partial<Graph>> {
  const scores = scoring.scoresByService()
  for (const piece of pipeline.graph.slices(nowMs))
    yield piece.nodes === undefined ? piece : { ...piece, nodes: scored(piece.nodes, scores) }
}

/** The graph with the scores of now. */
export function withScores(graph: Graph, scoring: ScoringEngine): Graph {
  return { ...graph, nodes: scored(graph.nodes, scoring.scoresByService()) }
}

function scored(nodes: Graph['nodes'], scores: ReadonlyMap<string, number>): Graph['nodes'] {
  return nodes.map((node) => ({ ...node, anomaly_score: scores.get(node.id) ?? null }))
}
