import type { EvidenceKind } from '@adf/contract'
import { findBetweenServices } from './between-services.ts'
import { directBlame } from './blame.ts'
import { Calls } from './calls.ts'
import { changeFindings, hostFindings } from './context.ts'
import type { EvidenceWindow, HostEvidence, LogEvidence, MetricEvidence } from './evidence.ts'
import { feltBy } from './felt.ts'
import type { Finding } from './finding.ts'
import { logFindings } from './logs.ts'
import { metricFindings } from './metrics.ts'
import { probabilities } from './probability.ts'
import { unexplainedFindings } from './unexplained.ts'
import { type Step, walk } from './walk.ts'
import { findWithinServices } from './within-services.ts'

export interface Clues {
  readonly evidence: EvidenceWindow
  readonly metrics: readonly MetricEvidence[]
  readonly hosts: readonly HostEvidence[]
  readonly logs: readonly LogEvidence[]
  /** Services known to suffer: what does not reach one of them is no cause. Left out: whatever is odd is looked into. */
  readonly symptoms?: ReadonlySet<string>
  /** Services that can be the cause; the others keep their place in the walk. Left out: all. */
  readonly candidates?: ReadonlySet<string>
  /** Kinds of evidence that do not count. */
  readonly without?: ReadonlySet<EvidenceKind>
}

/** How a ranking came about, step by step. Services by id. */
export interface Reasoning {
  /** Everything odd that counts, each charged to one service. */
  readonly findings: readonly Finding[]
  /** What is odd but is felt by none of the symptoms. */
  readonly unfelt: readonly Finding[]
  /** What speaks directly against each service, and where a walk from there along the calls ends. */
  readonly direct: ReadonlyMap<string, number>
  readonly walked: ReadonlyMap<string, number>
  /** Who calls whom. */
  readonly calls: Calls
  /** Probability that none of these is the cause, and of each, best first. */
  readonly none: number
  readonly causes: readonly (readonly [service: string, probability: number])[]
}

/** From clues to probabilities: what is odd, whom it is charged to, who feels it, and where that leads. */
export function reasonAbout({
  evidence,
  metrics,
  hosts,
  logs,
  symptoms,
  candidates,
  without = new Set(),
}: Clues): Reasoning {
  const calls = new Calls(evidence)
  const odd = [
    ...findWithinServices(evidence),
    ...findBetweenServices(evidence, calls),
    ...unexplainedFindings(evidence, calls),
    ...metricFindings(metrics),
    ...hostFindings(hosts, evidence),
    ...logFindings(logs),
  ].filter(({ kind }) => !without.has(kind))
  const felt = symptoms === undefined ? odd : feltBy(symptoms, odd, evidence, calls)
  const kept = new Set(felt)
  const changes = without.has('change') ? [] : changeFindings(evidence, felt)
  const all = [...felt, ...changes]
  const direct = directBlame(
    Map.groupBy(all, ({ service }) => service),
    evidence.waitedMs,
  )
  const walked = walk(direct, stepsAmong(direct, calls))
  const findings = candidates === undefined ? all : all.filter(({ service }) => candidates.has(service))
  return {
    findings,
    unfelt: odd.filter((finding) => !kept.has(finding)),
    direct,
    walked,
    calls,
    ...probabilities(candidates === undefined ? walked : among(candidates, walked), findings),
  }
}

/** The shares of the candidates, as parts of a whole again. */
function among(candidates: ReadonlySet<string>, shares: ReadonlyMap<string, number>): Map<string, number> {
  const own = [...shares].filter(([service]) => candidates.has(service))
  const total = own.reduce((sum, [, share]) => sum + share, 0)
  return new Map(own.map(([service, share]) => [service, share / total]))
}

function stepsAmong(services: ReadonlyMap<string, number>, calls: Calls): Step[] {
  return Array.from(services.keys(), (client) =>
    calls
      .calleesOf(client)
      .filter((server) => services.has(server))
      .map((server) => ({ client, server })),
  ).flat()
}
