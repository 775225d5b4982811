import type { Evidence, Ranking, RootCause } from '@adf/contract'
import { kindsOf } from './cause-kind.ts'
import { compare } from './comparators.ts'
import { whatConfirms } from './confirm.ts'
import type { EvidenceWindow, HostEvidence, LogEvidence, MetricEvidence } from './evidence.ts'
import type { Finding } from './finding.ts'
import { findFindings } from './findings.ts'
import { metricFindings } from './metrics.ts'
import { accidental, probabilities } from './probability.ts'
import { callers, spreadOf } from './spread.ts'
import { walk } from './walk.ts'

export interface RankingInput {
  /** The moment that is judged, ms since the epoch. */
  readonly at: number
  readonly evidence: EvidenceWindow
  readonly metrics: readonly MetricEvidence[]
  readonly hosts: readonly HostEvidence[]
  readonly logs: readonly LogEvidence[]
  /** Uniform in [0, 1); orders the random comparator. */
  readonly rng: () => number
  /** Causes and services named at most. */
  readonly top: number
  /** Services that may be the cause; all when it is not given. The others keep their place in the walk. */
  readonly candidates?: ReadonlySet<string>
}

/** Findings named for one cause at most. */
const NAMED = 5

/**
 * Services by the probability that the trouble began there, best first; none when nothing is odd. Two votes: what speaks
 * against a service itself, and where a walk from the symptoms along the calls ends.
 */
export function rankRootCauses({ at, evidence, metrics, rng, top, candidates }: RankingInput): Ranking {
  const findings = [...findFindings(evidence), ...metricFindings(metrics)]
  const byService = Map.groupBy(findings, (found) => found.service)
  const weights = new Map(Array.from(byService, ([service, of]) => [service, weigh(of)]))
  const { none, causes: ranked } = probabilities(
    ...among(candidates, walk(weights, evidence.edges), findings),
  )
  const odd = new Set(byService.keys())
  const calledBy = callers(evidence.edges)
  const virtual = new Set(evidence.nodes.filter((node) => node.virtual).map(({ id }) => id))
  const causes = ranked
    .slice(0, top)
    .map(([service, probability]) =>
      cause(
        service,
        probability,
        byService.get(service) ?? [],
        spreadOf(service, odd, calledBy).path,
        virtual.has(service),
      ),
    )
  const [first] = causes
  return {
    at: new Date(at).toISOString(),
    causes,
    none,
    suffering: first === undefined ? [] : spreadOf(first.service, odd, calledBy).explained.toSorted(),
    comparators: compare(evidence, rng, top),
  }
}

/** The shares of the candidates, as parts of a whole again, and what speaks against them. */
function among(
  candidates: ReadonlySet<string> | undefined,
  shares: ReadonlyMap<string, number>,
  findings: readonly Finding[],
): [ReadonlyMap<string, number>, readonly Finding[]] {
  if (candidates === undefined) return [shares, findings]
  const own = [...shares].filter(([service]) => candidates.has(service))
  const total = own.reduce((sum, [, share]) => sum + share, 0)
  return [
    new Map(own.map(([service, share]) => [service, share / total])),
    findings.filter(({ service }) => candidates.has(service)),
  ]
}

/** Strengths span four decades (a z-score has no upper end): the root keeps one giant from silencing all others. */
function weigh(findings: readonly Finding[]): number {
  let strongest = 0
  for (const { strength } of findings) strongest = Math.max(strongest, strength)
  return Math.sqrt(strongest)
}

function cause(
  service: string,
  probability: number,
  findings: readonly Finding[],
  path: readonly string[],
  virtual: boolean,
): RootCause {
  const kinds = kindsOf(findings, virtual)
  const { kind } = kinds[0]!
  return {
    service,
    probability,
    kind,
    kinds,
    evidence: findings
      .toSorted((a, b) => b.strength - a.strength)
      .slice(0, NAMED)
      .map(evidenceOf),
    path: [...path],
    confirm: whatConfirms(service, kind, findings),
  }
}

function evidenceOf({ service: _, sinceMs, ...found }: Finding): Evidence {
  return {
    ...found,
    probability: 1 - accidental(found.strength),
    since: sinceMs === undefined ? null : new Date(sinceMs).toISOString(),
  }
}
