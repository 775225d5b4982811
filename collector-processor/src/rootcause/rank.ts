import type { Evidence, Ranking, RootCause } from '@adf/contract'
import { findBetweenServices } from './between-services.ts'
import { directBlame } from './blame.ts'
import { kindsOf } from './cause-kind.ts'
import { compare } from './comparators.ts'
import { whatConfirms } from './confirm.ts'
import { changeFindings, hostFindings } from './context.ts'
import type { EvidenceWindow, HostEvidence, LogEvidence, MetricEvidence } from './evidence.ts'
import { feltBy } from './felt.ts'
import type { Finding } from './finding.ts'
import { logFindings } from './logs.ts'
import { metricFindings } from './metrics.ts'
import { accidental, probabilities } from './probability.ts'
import { callers, spreadOf } from './spread.ts'
import { unexplainedFindings } from './unexplained.ts'
import { walk } from './walk.ts'
import { findWithinServices } from './within-services.ts'

export interface RankingInput {
  /** The moment that is judged, ms since the epoch. */
  readonly at: number
  readonly evidence: EvidenceWindow
  readonly metrics: readonly MetricEvidence[]
  readonly hosts: readonly HostEvidence[]
  readonly logs: readonly LogEvidence[]
  /** Services known to suffer: what does not reach one of them is no cause. Left out: whatever is odd is looked into. */
  readonly symptoms?: ReadonlySet<string>
  /** Uniform in [0, 1); orders the random comparator. */
  readonly rng: () => number
  /** Causes and services named at most. */
  readonly top: number
}

/** Findings named for one cause at most. */
const NAMED = 5

/**
 * Services by the probability that the trouble began there, best first; none when nothing is odd. Two votes: what speaks
 * against a service itself, and where a walk from there along the calls ends.
 */
export function rankRootCauses(input: RankingInput): Ranking {
  const { at, evidence, rng, top } = input
  const findings = findingsOf(input)
  const byService = Map.groupBy(findings, (found) => found.service)
  const { none, causes: ranked } = probabilities(walk(directBlame(byService), evidence.edges), findings)
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

function findingsOf({ evidence, metrics, hosts, logs, symptoms }: RankingInput): Finding[] {
  const all = [
    ...findWithinServices(evidence),
    ...findBetweenServices(evidence),
    ...unexplainedFindings(evidence),
    ...metricFindings(metrics),
    ...hostFindings(hosts, evidence),
    ...logFindings(logs),
  ]
  const felt = symptoms === undefined ? all : feltBy(symptoms, all, evidence)
  return [...felt, ...changeFindings(evidence, felt)]
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

function evidenceOf({ service: _, place: __, effect: ___, sinceMs, ...found }: Finding): Evidence {
  return {
    ...found,
    probability: 1 - accidental(found.strength),
    since: sinceMs === undefined ? null : new Date(sinceMs).toISOString(),
  }
}
