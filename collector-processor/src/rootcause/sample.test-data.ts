import type { Ranking, RootCause } from '@adf/contract'

/** A cause without evidence for tests. */
export function sampleCause(service: string, probability: number, more: Partial<RootCause> = {}): RootCause {
  return {
    service,
    probability,
    kind: 'code',
    kinds: [{ kind: 'code', probability: 1 }],
    evidence: [],
    path: [service],
    confirm: [],
    ...more,
  }
}

/** A ranking of these causes for tests. */
export function sampleRanking(at: string, causes: RootCause[] = []): Ranking {
  const named = causes.reduce((sum, { probability }) => sum + probability, 0)
  return {
    at,
    causes,
    none: 1 - named,
    suffering: [],
    comparators: { random: [], max_z: [], pagerank: [] },
  }
}
