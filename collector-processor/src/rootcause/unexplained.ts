import type { Calls } from './calls.ts'
import { type Deviation, deviation, type Floors } from './deviation.ts'
import type { EvidenceWindow, NodeEvidence, Series } from './evidence.ts'
import { type Effect, type Finding, finding, total } from './finding.ts'
import { REQUEST_SHARE, REQUEST_TIME } from './floors.ts'
import { ODD, TOUCHED } from './scale.ts'

/** What a service's requests wait or fail more than usual, and how much of that it gives its callers to wait or fail. */
interface Extra {
  readonly node: NodeEvidence
  readonly deviation: Deviation
  readonly amount: number
}

/**
 * Findings on services whose requests are known from metrics alone: no span says where the time went. What a service's
 * callees add, in ms of waiting or in failures over the window, is taken from what it shows itself; the rest began there.
 * A callee with several callers takes from each in full, so a rest may be too small, never too large.
 *
 * `share` of a finding is the rest's part of all. Fails where a service calls the same callee in parallel (the callee's
 * time is counted twice) and where callees send no metrics (their time is charged to the caller).
 */
export function unexplainedFindings(evidence: EvidenceWindow, calls: Calls): Finding[] {
  const blind = evidence.nodes.filter((node) => !node.virtual && node.blind)
  if (blind.length === 0) return []
  return [
    ...rests(evidence, blind, calls, 'time', (node) => node.latencyMs, REQUEST_TIME),
    ...rests(evidence, blind, calls, 'failures', (node) => node.failed, REQUEST_SHARE),
  ]
}

function rests(
  evidence: EvidenceWindow,
  nodes: readonly NodeEvidence[],
  calls: Calls,
  currency: Effect['currency'],
  seriesOf: (node: NodeEvidence) => Series,
  floors: Floors,
): Finding[] {
  const extras = new Map<string, Extra>()
  for (const node of nodes) {
    const odd = deviation(seriesOf(node), node.requests, floors)
    if (odd === undefined || odd.z < TOUCHED) continue
    extras.set(node.id, {
      node,
      deviation: odd,
      amount: (odd.value - odd.expected) * total(node.requests.window),
    })
  }
  return Array.from(extras.values()).flatMap(({ node, deviation: odd, amount }) => {
    if (odd.z < ODD) return []
    let explained = 0
    for (const server of new Set(calls.calleesOf(node.id))) explained += extras.get(server)?.amount ?? 0
    const rest = Math.max(0, 1 - explained / amount)
    if (rest === 0) return []
    const [kind, what, unit] =
      currency === 'time'
        ? (['exclusive_time', 'time of a request', 'ms'] as const)
        : (['error_origin', 'share of requests that fails', '%'] as const)
    return [
      finding({
        service: node.id,
        kind,
        place: 'service',
        subject: 'all requests',
        what,
        unit,
        deviation: odd,
        windowSlots: evidence.windowSlots,
        currency,
        calls: node.requests,
        share: rest,
      }),
    ]
  })
}
