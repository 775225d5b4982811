import type { Comparators } from '@adf/contract'
import type { Calls } from './calls.ts'
import { deviation } from './deviation.ts'
import type { EvidenceWindow, LogEvidence, MetricEvidence, Series } from './evidence.ts'
import { pagerank } from './pagerank.ts'
import { FULL } from './scale.ts'

interface Compared {
  readonly evidence: EvidenceWindow
  readonly metrics: readonly MetricEvidence[]
  readonly logs: readonly LogEvidence[]
}

const FLOORS = { relative: 0.05, absolute: 1e-3 }

/**
 * What a ranking must beat: services in random order; by the largest z-score of any of their series, without asking who
 * is to blame; and by plain PageRank over the calls of the window (who is called most counts most). Services only. Series of
 * metrics and logs count for services that no span speaks of.
 */
export function compare(
  { evidence, metrics, logs }: Compared,
  calls: Calls,
  rng: () => number,
  top: number,
): Comparators {
  const known = evidence.nodes.filter((node) => !node.virtual).map((node) => node.id)
  const traced = new Set(evidence.nodes.map((node) => node.id))
  const untraced = untracedScores(metrics, logs, traced)
  const services = [...known, ...untraced.keys()]
  return {
    random: drawn(services, rng, top),
    max_z: byScore(services, new Map([...maxZ(evidence), ...untraced])).slice(0, top),
    pagerank: byScore(services, plainPagerank(evidence, calls)).slice(0, top),
  }
}

/** Largest z-scores of services that the graph does not know. */
function untracedScores(
  metrics: readonly MetricEvidence[],
  logs: readonly LogEvidence[],
  traced: ReadonlySet<string>,
): Map<string, number> {
  const scores = new Map<string, number>()
  const see = (service: string, z: number) => {
    if (!traced.has(service)) scores.set(service, Math.max(scores.get(service) ?? 0, z))
  }
  for (const { service, strength } of metrics) see(service, strength * FULL)
  for (const { service, z } of logs) see(service, Math.abs(z))
  return scores
}

/** Fisher and Yates' shuffle, as far as it is looked at. */
function drawn(services: readonly string[], rng: () => number, top: number): string[] {
  const left = [...services]
  const count = Math.min(top, left.length)
  for (let at = 0; at < count; at++) {
    const other = at + Math.floor(rng() * (left.length - at))
    ;[left[at], left[other]] = [left[other]!, left[at]!]
  }
  return left.slice(0, count)
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
    if (!node.usualRate) see(node.id, node.requestRate, node.requests)
    if (node.blind) {
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

function plainPagerank({ nodes }: EvidenceWindow, calls: Calls): Map<string, number> {
  const { from, to, weight } = calls.columns()
  const ranks = pagerank(nodes.length, from, to, weight)
  return new Map(nodes.map(({ id }, at) => [id, ranks[at]!]))
}
