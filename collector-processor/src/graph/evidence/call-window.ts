import type { EdgeEvidence } from '../../rootcause/evidence.ts'
import { EdgeSlot, type Tallies } from '../tallies.ts'
import type { ServiceWindow } from './service-window.ts'
import type { Timeline } from './timeline.ts'

/** Open calls per request up to which the calls of a slot are taken as complete. */
const OPEN_SHARE = 0.02

/** What the graph knows of an edge in window and history. */
export function callWindow(
  tallies: Tallies,
  time: Timeline,
  edge: number,
  client: ServiceWindow | undefined,
): EdgeEvidence {
  const read = (field: number) => time.sums(tallies.edgeSlots, edge, field)
  const calls = read(EdgeSlot.calls)
  const none = new Float64Array(calls.length)
  return {
    client: tallies.nodes.id(tallies.edges.client(edge)),
    server: tallies.nodes.id(tallies.edges.server(edge)),
    connection: tallies.edges.connection(edge),
    calls: time.split(calls),
    clientRequests: time.split(client?.served ?? none),
    callsPerRequest: time.ratio(calls, client?.settled(OPEN_SHARE) ?? none),
    failures: time.ratio(read(EdgeSlot.failures), calls),
    unexplained: time.ratio(read(EdgeSlot.unexplained), calls),
    gapMs: time.ratio(read(EdgeSlot.gap), read(EdgeSlot.gapCount)),
    unanswered: time.ratio(read(EdgeSlot.unanswered), calls),
  }
}
