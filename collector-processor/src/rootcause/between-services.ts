import type { Calls } from './calls.ts'
import { deviation } from './deviation.ts'
import type { EdgeEvidence, EvidenceWindow } from './evidence.ts'
import { type Finding, finding } from './finding.ts'
import { RATIO, SPAN_SHARE, SPAN_TIME } from './floors.ts'
import { ODD } from './scale.ts'
import { type JudgedEdge, oddness, Witnesses } from './witnesses.ts'

/** So many times the usual calls per request are new calls, a storm of retries say, and no change of the mix. */
const NEW_CALLS = 2

/**
 * What is odd between services, each charged to the one that it speaks against:
 * - the gap of a call (and failures that the server knows nothing of): to the callee, unless its other callers do not
 *   see it while the other calls of this caller have it too; then to the caller, whose own slowness lies between the
 *   clocks of its client spans;
 * - the time that messages wait: to the consumer;
 * - a virtual server (no spans of its own): to the node itself when several services see it, else to the one that does;
 * - calls that were not answered: to the callee;
 * - calls per request that are no longer made, or far more of them: to the service that makes them; messages that are no
 *   longer consumed: to the consumer.
 */
export function findBetweenServices({ edges, windowSlots }: EvidenceWindow, calls: Calls): Finding[] {
  const judged = edges.map((edge) => ({
    edge,
    gap: deviation(edge.gapMs, edge.calls, SPAN_TIME),
    unexplained: deviation(edge.unexplained, edge.calls, SPAN_SHARE),
  }))
  const witnesses = new Witnesses(judged, calls)
  return judged.flatMap((one) => [
    ...onTheWay(one, witnesses, windowSlots),
    ...unanswered(one.edge, windowSlots),
    ...callsPerRequest(one.edge, windowSlots),
  ])
}

function unanswered(edge: EdgeEvidence, windowSlots: Float64Array): Finding[] {
  const odd = deviation(edge.unanswered, edge.calls, SPAN_SHARE)
  if (odd === undefined || odd.z < ODD) return []
  return [
    finding({
      service: edge.server,
      kind: 'error_origin',
      place: 'service',
      subject: `${edge.client} → ${edge.server}`,
      what: `share of calls from ${edge.client} that are not answered`,
      unit: '%',
      deviation: odd,
      windowSlots,
      currency: 'failures',
      calls: edge.calls,
    }),
  ]
}

function callsPerRequest(edge: EdgeEvidence, windowSlots: Float64Array): Finding[] {
  if (edge.connection === 'user') return []
  const calls = deviation(edge.callsPerRequest, edge.clientRequests, RATIO)
  if (calls === undefined || Math.abs(calls.z) < ODD) return []
  const fewer = calls.z < 0
  if (!fewer && calls.value < NEW_CALLS * calls.expected) return []
  return [
    finding({
      service: fewer && edge.connection === 'messaging' ? edge.server : edge.client,
      kind: fewer ? 'missing_calls' : 'new_calls',
      place: 'service',
      subject: `${edge.client} → ${edge.server}`,
      what: `calls to ${edge.server} per request`,
      unit: '',
      deviation: calls,
      windowSlots,
      currency: 'calls',
      calls: edge.clientRequests,
    }),
  ]
}

function onTheWay(one: JudgedEdge, witnesses: Witnesses, windowSlots: Float64Array): Finding[] {
  const { edge, gap, unexplained } = one
  if (oddness(one) < ODD) return []
  const virtual =
    edge.connection === 'database' || edge.connection === 'peer' || edge.server.startsWith('messaging:')
  const queued = edge.connection === 'messaging' && !virtual
  const told = { subject: `${edge.client} → ${edge.server}`, windowSlots, calls: edge.calls }
  const place = virtual ? 'dependency' : queued ? 'service' : 'way'
  const charges = queued ? [[edge.server, 1] as const] : charged(one, virtual, witnesses)
  return charges.flatMap(([service, share]) => {
    if (share === 0) return []
    const found: Finding[] = []
    if (gap !== undefined && gap.z >= ODD)
      found.push(
        finding({
          ...told,
          service,
          kind: queued ? 'queue_delay' : 'gap',
          place,
          what: virtual
            ? `time of calls from ${edge.client} to ${edge.server}`
            : queued
              ? `time that messages from ${edge.client} wait for ${edge.server}`
              : `time between ${edge.client} and ${edge.server}`,
          unit: 'ms',
          deviation: gap,
          currency: queued ? 'queue' : 'time',
          share,
        }),
      )
    if (unexplained !== undefined && unexplained.z >= ODD)
      found.push(
        finding({
          ...told,
          service,
          kind: virtual ? 'error_origin' : 'gap',
          place,
          what: `share of calls from ${edge.client} that fail before ${edge.server} does`,
          unit: '%',
          deviation: unexplained,
          currency: 'failures',
          share,
        }),
      )
    return found
  })
}

/** Who is charged with what happens on the way, and with which share. */
function charged(one: JudgedEdge, virtual: boolean, witnesses: Witnesses): [string, number][] {
  const { client: asks, server: serves } = one.edge
  const callers = witnesses.besides(one, [serves], [], Math.max(ODD, oddness(one) / 10))
  if (virtual) return [[callers.too > 0 ? serves : asks, 1]]
  // A client that is slow itself is slow on both sides: in asking others, and in taking the requests of its own callers.
  const around = witnesses.besides(one, [asks], [asks], ODD)
  const cleared = callers.seen === 0 ? 1 : 1 - callers.too / callers.seen
  const most = around.too >= 2 && around.too * 2 >= around.seen
  const suspected = most ? 1 : around.seen > 0 ? around.too / around.seen : callers.seen > 0 ? 0.5 : 0
  const client = cleared * suspected
  return client === 0
    ? [[serves, 1]]
    : [
        [asks, client],
        [serves, 1 - client],
      ]
}
