import { CauseKind, type EvidenceKind } from '@adf/contract'
import type { Finding } from './finding.ts'

/** What a finding of this kind says about the kind of cause, in parts of its weight. */
const SPEAKS: Readonly<Record<EvidenceKind, Partial<Record<CauseKind, number>>>> = {
  exclusive_time: { code: 0.6, host: 0.4 },
  gap: { network: 0.8, host: 0.1, code: 0.1 },
  error_origin: { code: 0.8, dependency: 0.1, host: 0.1 },
  missing_calls: { code: 0.9, dependency: 0.1 },
  new_calls: { code: 0.7, change: 0.3 },
  queue_delay: { code: 0.5, host: 0.3, dependency: 0.2 },
  saturation: { host: 1 },
  request_rate: { code: 1 },
  metric: { host: 0.7, code: 0.3 },
  log: { code: 0.9, dependency: 0.1 },
  exception: { code: 0.9, dependency: 0.1 },
  change: { change: 1 },
}
/** So much of the weight is spread evenly: no kind is ever ruled out. */
const OPEN = 0.1

/** Kinds of a cause with their probabilities, likeliest first: votes of its findings by the square root of their strength. */
export function kindsOf(
  findings: readonly Finding[],
  virtual: boolean,
): { kind: CauseKind; probability: number }[] {
  const votes = new Map<CauseKind, number>(CauseKind.options.map((kind) => [kind, 0]))
  let total = 0
  for (const { kind, strength } of findings) {
    for (const [cause, part] of speaks(kind, virtual)) {
      const vote = part * Math.sqrt(strength)
      votes.set(cause, (votes.get(cause) ?? 0) + vote)
      total += vote
    }
  }
  const even = 1 / votes.size
  return Array.from(votes, ([kind, vote]) => ({
    kind,
    probability: total === 0 ? even : OPEN * even + ((1 - OPEN) * vote) / total,
  })).sort((a, b) => b.probability - a.probability)
}

/** A virtual node sends no spans: to those who name it, it is a dependency, whatever is wrong within. */
function speaks(kind: EvidenceKind, virtual: boolean): [CauseKind, number][] {
  if (virtual) return [['dependency', 1]]
  const parts = SPEAKS[kind]
  return CauseKind.options.flatMap((cause) => {
    const part = parts[cause]
    return part === undefined ? [] : [[cause, part] satisfies [CauseKind, number]]
  })
}
