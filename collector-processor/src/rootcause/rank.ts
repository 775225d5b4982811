import type { Ranking, RootCause } from '@adf/contract'
import { compare } from './comparators.ts'
import type { EvidenceWindow, MetricEvidence } from './evidence.ts'
import type { Finding } from './finding.ts'
import { findFindings } from './findings.ts'
import { metricFindings } from './metrics.ts'
import { walk } from './walk.ts'

export interface RankingInput {
  /** The moment that is judged, ms since the epoch. */
  readonly at: number
  readonly evidence: EvidenceWindow
  readonly metrics: readonly MetricEvidence[]
  /** Uniform in [0, 1); orders the random comparator. */
  readonly rng: () => number
  /** Causes and services named at most. */
  readonly top: number
}

/** Findings named for one cause at most. */
const NAMED = 5

/**
 * Services by their share of the blame, best first; none when nothing is odd. Two votes: what speaks against a service
 * itself, and where a walk from the symptoms along the calls ends.
 */
export function rankRootCauses({ at, evidence, metrics, rng, top }: RankingInput): Ranking {
  const findings = [...findFindings(evidence), ...metricFindings(metrics)]
  const byService = Map.groupBy(findings, (found) => found.service)
  const weights = new Map(Array.from(byService, ([service, of]) => [service, weigh(of)]))
  const ranked = Array.from(walk(weights, evidence.edges)).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  return {
    at: new Date(at).toISOString(),
    causes: ranked
      .slice(0, top)
      .map(([service, score]) => cause(service, score, byService.get(service) ?? [])),
    comparators: compare(evidence, rng, top),
  }
}

/** Strengths span four decades (a z-score has no upper end): the root keeps one giant from silencing all others. */
function weigh(findings: readonly Finding[]): number {
  let strongest = 0
  for (const { strength } of findings) strongest = Math.max(strongest, strength)
  return Math.sqrt(strongest)
}

function cause(service: string, score: number, findings: readonly Finding[]): RootCause {
  const strongest = findings.toSorted((a, b) => b.strength - a.strength).slice(0, NAMED)
  return {
    service,
    score: Math.min(1, score),
    evidence: strongest.map(({ service: _, ...evidence }) => evidence),
  }
}
