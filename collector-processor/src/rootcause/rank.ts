import type { Evidence, Ranking, RootCause } from '@adf/contract'
import { kindsOf } from './cause-kind.ts'
import { compare } from './comparators.ts'
import { whatConfirms } from './confirm.ts'
import type { EvidenceWindow } from './evidence.ts'
import type { Finding } from './finding.ts'
import { accidental } from './probability.ts'
import { type Clues, type Reasoning, reasonAbout } from './reasoning.ts'
import { spreadOf } from './spread.ts'

export interface RankingInput extends Clues {
  /** The moment that is judged, ms since the epoch. */
  readonly at: number
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
 * against a service itself, and where a walk from there along the calls ends.
 */
export function rankRootCauses(input: RankingInput): Ranking {
  return rankingOf(reasonAbout(input), input)
}

/** What a reasoning comes to. */
export function rankingOf(
  { findings, none, causes, calls }: Reasoning,
  clues: Pick<RankingInput, 'at' | 'evidence' | 'metrics' | 'logs' | 'rng' | 'top'>,
): Ranking {
  const { at, evidence, rng, top } = clues
  const byService = Map.groupBy(findings, ({ service }) => service)
  const odd = new Set(byService.keys())
  const spread = (service: string) => spreadOf(service, odd, (at) => calls.callersOf(at))
  const virtual = virtualNodes(evidence)
  const [first] = causes
  return {
    at: new Date(at).toISOString(),
    causes: causes
      .slice(0, top)
      .map(([service, probability]) =>
        cause(service, probability, byService.get(service) ?? [], spread(service).path, virtual.has(service)),
      ),
    none,
    suffering: first === undefined ? [] : spread(first[0]).explained.toSorted(),
    comparators: compare(clues, calls, rng, top),
  }
}

function virtualNodes({ nodes }: EvidenceWindow): Set<string> {
  return new Set(nodes.filter(({ virtual }) => virtual).map(({ id }) => id))
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
