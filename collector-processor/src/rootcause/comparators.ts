import type { Comparators } from '@adf/contract'
import { DirectedGraph } from 'graphology'
import { pagerank } from 'graphology-metrics/centrality/index.js'
import { deviation } from './deviation.ts'
import type { EvidenceWindow, Series } from './evidence.ts'
import { total } from './finding.ts'

const FLOORS = { relative: 0.05, absolute: 1e-3 }

/**
 * What a ranking must beat: services in random order; by the largest z-score of any of their series, without asking who
 * is to blame; and by plain PageRank over the calls of the window (who is called most counts most). Services only.
 */
export function compare(evidence: EvidenceWindow, rng: () => number, top: number): Comparators {
  const services = evidence.nodes.filter((node) => !node.virtual).map((node) => node.id)
  return {
    random: shuffled(services, rng).slice(0, top),
    max_z: byScore(services, maxZ(evidence)).slice(0, top),
    pagerank: byScore(services, plainPagerank(evidence)).slice(0, top),
  }
}

function shuffled(services: readonly string[], rng: () => number): string[] {
  const left = [...services]
  return services.map(() => left.splice(Math.floor(rng() * left.length), 1)[0]!)
}

function byScore(services: readonly string[], scores: ReadonlyMap<string, number>): string[] {
  const score = (service: string) => scores.get(service) ?? 0
  return services.toSorted((a, b) => score(b) - score(a) || (a < b ? -1 : 1))
}

function maxZ(evidence: EvidenceWindow): Map<string, number> {
  const scores = new Map<string, number>()
  const see = (service: string, series: Series, weights: Series) => {
    const z = Math.abs(deviation(series, weights, FLOORS)?.z ?? 0)
    scores.set(service, Math.max(scores.get(service) ?? 0, z))
  }
  for (const node of evidence.nodes) {
    see(node.id, node.requestRate, node.requests)
    if (node.operations.length === 0) {
      see(node.id, node.latencyMs, node.requests)
      see(node.id, node.failed, node.requests)
    }
    for (const op of node.operations) {
      see(node.id, op.exclusiveMs, op.calls)
      see(node.id, op.errorOrigin, op.calls)
    }
  }
  for (const edge of evidence.edges) {
    see(edge.server, edge.gapMs, edge.calls)
    see(edge.server, edge.failures, edge.calls)
    see(edge.server, edge.callsPerRequest, edge.clientRequests)
  }
  return scores
}

function plainPagerank(evidence: EvidenceWindow): Map<string, number> {
  const graph = new DirectedGraph<{ pagerank?: number }, { weight: number }>()
  for (const node of evidence.nodes) graph.mergeNode(node.id)
  for (const edge of evidence.edges) {
    // calls that nobody counted weigh all the same
    const counted = edge.calls.window.some((n) => !Number.isNaN(n))
    const calls = counted ? total(edge.calls.window) : 1
    if (calls > 0 && edge.client !== edge.server)
      graph.updateEdge(edge.client, edge.server, (old) => ({ weight: (old.weight ?? 0) + calls }))
  }
  if (graph.order === 0) return new Map()
  return new Map(
    Object.entries(pagerank(graph, { getEdgeWeight: 'weight', maxIterations: 1000, tolerance: 1e-6 })),
  )
}
