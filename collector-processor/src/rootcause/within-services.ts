import { deviation } from './deviation.ts'
import type { EvidenceWindow, NodeEvidence } from './evidence.ts'
import { type Finding, finding } from './finding.ts'
import { RATIO, SPAN_SHARE, SPAN_TIME } from './floors.ts'
import { ODD } from './scale.ts'

/**
 * What spans show of a service itself, charged to it: exclusive time, errors that begin in it, operations that it does
 * less often per request.
 */
export function findWithinServices({ nodes, windowSlots }: EvidenceWindow): Finding[] {
  return nodes.filter((node) => !node.virtual).flatMap((node) => withinService(node, windowSlots))
}

function withinService(node: NodeEvidence, windowSlots: Float64Array): Finding[] {
  const found: Finding[] = []
  if (node.operations.length === 0) return found
  const work = deviation(node.spansPerRequest, node.requests, RATIO)
  for (const { operation, calls, exclusiveMs, errorOrigin, perRequest } of node.operations) {
    const told = { service: node.id, place: 'service' as const, subject: operation, windowSlots, calls }
    const time = deviation(exclusiveMs, calls, SPAN_TIME)
    if (time !== undefined && time.z >= ODD)
      found.push(
        finding({
          ...told,
          kind: 'exclusive_time',
          what: `exclusive time of ${operation}`,
          unit: 'ms',
          deviation: time,
          currency: 'time',
        }),
      )
    const errors = deviation(errorOrigin, calls, SPAN_SHARE)
    if (errors !== undefined && errors.z >= ODD)
      found.push(
        finding({
          ...told,
          kind: 'error_origin',
          what: `share of ${operation} that fails here`,
          unit: '%',
          deviation: errors,
          currency: 'failures',
        }),
      )
    // single operations also come and go with the mix of requests: the service as a whole must do less
    const count = -(work?.z ?? 0) >= ODD ? deviation(perRequest, node.requests, RATIO) : undefined
    if (count !== undefined && -count.z >= ODD)
      found.push(
        finding({
          ...told,
          calls: node.requests,
          kind: 'missing_calls',
          what: `${operation} per request`,
          unit: '',
          deviation: count,
          currency: 'calls',
        }),
      )
  }
  return found
}
