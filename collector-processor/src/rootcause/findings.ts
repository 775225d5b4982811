import { type Deviation, deviation, type Floors } from './deviation.ts'
import type { EdgeEvidence, EvidenceWindow, NodeEvidence } from './evidence.ts'
import { type Finding, finding } from './finding.ts'
import { ODD } from './scale.ts'

const TIME: Floors = { relative: 0.1, absolute: 0.5 }
const SHARE: Floors = { relative: 0.1, absolute: 0.02 }
const RATIO: Floors = { relative: 0.05, absolute: 0.01, counted: true }

interface JudgedEdge {
  readonly edge: EdgeEvidence
  readonly gap: Deviation | undefined
  readonly unexplained: Deviation | undefined
}

/**
 * Everything odd in the window, each charged to the service that it speaks against:
 * - exclusive time and errors that begin in a service: to that service;
 * - the gap of a call (and failures that the server knows nothing of): to the callee, unless its other callers do not
 *   see it while the other calls of this caller have it too; then to the caller, whose own slowness lies between the
 *   clocks of its client spans;
 * - a virtual server (no spans of its own): to the node itself when several services see it, else to the one that does;
 * - calls that were not answered: to the callee;
 * - work that is no longer done (operations and calls per request): to the service that leaves it out; messages that
 *   are no longer consumed: to the consumer.
 */
export function findFindings(evidence: EvidenceWindow): Finding[] {
  const slots = evidence.windowSlots
  const judged = evidence.edges.map((edge) => ({
    edge,
    gap: deviation(edge.gapMs, edge.calls, TIME),
    unexplained: deviation(edge.unexplained, edge.calls, SHARE),
  }))
  return [
    ...evidence.nodes.filter((node) => !node.virtual).flatMap((node) => withinNode(node, slots)),
    ...judged.flatMap((one) => [...onTheWay(one, judged, slots), ...betweenServices(one.edge, slots)]),
  ]
}

function withinNode(node: NodeEvidence, slots: Float64Array): Finding[] {
  const found: Finding[] = []
  const shrinks = doesLess(node)
  for (const op of node.operations) {
    const time = deviation(op.exclusiveMs, op.calls, TIME)
    if (time !== undefined && time.z >= ODD)
      found.push(
        finding(
          node.id,
          'exclusive_time',
          op.operation,
          `exclusive time of ${op.operation}`,
          'ms',
          time,
          slots,
        ),
      )
    const errors = deviation(op.errorOrigin, op.calls, SHARE)
    if (errors !== undefined && errors.z >= ODD)
      found.push(
        finding(
          node.id,
          'error_origin',
          op.operation,
          `share of ${op.operation} that fails here`,
          '%',
          errors,
          slots,
        ),
      )
    const count = shrinks ? deviation(op.perRequest, node.requests, RATIO) : undefined
    if (count !== undefined && -count.z >= ODD)
      found.push(
        finding(node.id, 'missing_calls', op.operation, `${op.operation} per request`, '', count, slots),
      )
  }
  return found
}

/** Fewer spans per request in all: single operations also come and go with the mix of requests. */
function doesLess(node: NodeEvidence): boolean {
  const sum = (part: 'window' | 'history') =>
    node.requests[part].map((requests, slot) => {
      let spans = 0
      for (const op of node.operations) spans += op.calls[part][slot]!
      return requests > 0 ? spans / requests : Number.NaN
    })
  const series = { window: sum('window'), history: sum('history') }
  return -(deviation(series, node.requests, RATIO)?.z ?? 0) >= ODD
}

function betweenServices(edge: EdgeEvidence, slots: Float64Array): Finding[] {
  const found: Finding[] = []
  const subject = `${edge.client} → ${edge.server}`
  const unanswered = deviation(edge.unanswered, edge.calls, SHARE)
  if (unanswered !== undefined && unanswered.z >= ODD)
    found.push(
      finding(
        edge.server,
        'error_origin',
        subject,
        `share of calls from ${edge.client} that are not answered`,
        '%',
        unanswered,
        slots,
      ),
    )
  if (edge.connection === 'user') return found
  const calls = deviation(edge.callsPerRequest, edge.clientRequests, RATIO)
  if (calls !== undefined && -calls.z >= ODD) {
    const silent = edge.connection === 'messaging' ? edge.server : edge.client
    found.push(
      finding(silent, 'missing_calls', subject, `calls to ${edge.server} per request`, '', calls, slots),
    )
  }
  return found
}

function onTheWay(
  { edge, gap, unexplained }: JudgedEdge,
  all: readonly JudgedEdge[],
  slots: Float64Array,
): Finding[] {
  const found: Finding[] = []
  const subject = `${edge.client} → ${edge.server}`
  const virtual =
    edge.connection === 'database' || edge.connection === 'peer' || edge.server.startsWith('messaging:')
  if (Math.max(gap?.z ?? 0, unexplained?.z ?? 0) < ODD) return found
  for (const [service, share] of charged(edge, virtual, all)) {
    if (share === 0) continue
    if (gap !== undefined && gap.z >= ODD) {
      const what = virtual
        ? `time of calls from ${edge.client} to ${edge.server}`
        : `time between ${edge.client} and ${edge.server}`
      found.push(finding(service, 'gap', subject, what, 'ms', gap, slots, share))
    }
    if (unexplained !== undefined && unexplained.z >= ODD)
      found.push(
        finding(
          service,
          virtual ? 'error_origin' : 'gap',
          subject,
          `share of calls from ${edge.client} that fail before ${edge.server} does`,
          '%',
          unexplained,
          slots,
          share,
        ),
      )
  }
  return found
}

/** Who is charged with what happens on the way, and with which share. */
function charged(edge: EdgeEvidence, virtual: boolean, all: readonly JudgedEdge[]): [string, number][] {
  const size = oddness(all.find((one) => one.edge === edge))
  const others = (from: number, side: (one: EdgeEvidence) => boolean) => {
    const seen = all.filter((one) => one.edge !== edge && witnesses(one) && side(one.edge))
    return { seen: seen.length, too: seen.filter((one) => oddness(one) >= from).length }
  }
  const callers = others(Math.max(ODD, size / 10), (one) => one.server === edge.server)
  if (virtual) return [[callers.too > 0 ? edge.server : edge.client, 1]]
  // A client that is slow itself is slow on both sides: in asking others, and in taking the requests of its own callers.
  const around = others(ODD, (one) => one.client === edge.client || one.server === edge.client)
  const cleared = callers.seen === 0 ? 1 : 1 - callers.too / callers.seen
  const most = around.too >= 2 && around.too * 2 >= around.seen
  const suspected = most ? 1 : around.seen > 0 ? around.too / around.seen : callers.seen > 0 ? 0.5 : 0
  const client = cleared * suspected
  return client === 0
    ? [[edge.server, 1]]
    : [
        [edge.client, client],
        [edge.server, 1 - client],
      ]
}

function oddness(one: JudgedEdge | undefined): number {
  return Math.max(one?.gap?.z ?? 0, one?.unexplained?.z ?? 0)
}

function witnesses(one: JudgedEdge): boolean {
  return one.edge.connection !== 'user' && (one.gap !== undefined || one.unexplained !== undefined)
}
