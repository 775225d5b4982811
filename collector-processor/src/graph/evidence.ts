import type { EdgeEvidence, EvidenceWindow, NodeEvidence, Series } from '../rootcause/evidence.ts'
import type { GraphOptions } from './options.ts'
import type { Relations } from './relations.ts'
import type { SlotSeries } from './slots.ts'
import { EdgeSlot, NodeSlot, OperationSlot, type Tallies } from './tallies.ts'

/** Positions of the slots that have data: first those of history, then those of the window. */
interface Timeline {
  readonly positions: ReadonlyMap<number, number>
  /** Slots of history; the rest is window. */
  readonly history: number
  /** The slot that is still running, or undefined. */
  readonly unfinished: number | undefined
  readonly windowSlots: Float64Array
}

/** Open calls per request up to which the calls of a slot are taken as complete. */
const OPEN_SHARE = 0.02

/** Sums per slot as series: history is what lies between `fromMs` and `history` before it. */
export function gatherEvidence(
  tallies: Tallies,
  relations: Relations,
  options: GraphOptions,
  fromMs: number,
  nowMs: number,
): EvidenceWindow {
  const time = timeline(tallies, options, fromMs, nowMs)
  const requests = new Map<number, Float64Array>()
  for (const node of tallies.nodes.all())
    requests.set(node, sums(tallies.nodeSlots, node, time, NodeSlot.requests))
  return {
    nodes: Array.from(tallies.nodes.all(), (node) => nodeEvidence(tallies, options, time, node, requests)),
    edges: Array.from(tallies.edges.all(), (edge) => edgeEvidence(tallies, time, edge, requests)),
    quiet: [],
    windowSlots: time.windowSlots,
    slotMs: options.slot,
    placements: placements(relations, fromMs - options.history),
    changes: relations.deployments.changes
      .filter(({ atMs }) => atMs >= fromMs - options.history && atMs <= nowMs)
      .map(({ service, what, from, to, atMs }) => ({ service, what, from, to, atMs })),
  }
}

/** Each service and host once, however many instances. */
function placements(relations: Relations, sinceMs: number): EvidenceWindow['placements'] {
  const hosts = new Map<string, Set<string>>()
  for (const { service, host, node, lastSeenMs } of relations.placements.all()) {
    const on = host || node
    if (on === '' || lastSeenMs < sinceMs) continue
    const known = hosts.get(service)
    if (known === undefined) hosts.set(service, new Set([on]))
    else known.add(on)
  }
  return Array.from(hosts, ([service, all]) => Array.from(all, (host) => ({ service, host }))).flat()
}

function timeline(tallies: Tallies, options: GraphOptions, fromMs: number, nowMs: number): Timeline {
  const first = Math.floor(fromMs / options.slot)
  const last = Math.floor(nowMs / options.slot)
  const oldest = Math.floor((fromMs - options.history) / options.slot)
  const slots: number[] = []
  tallies.allSlots.each(0, (slot) => {
    if (slot >= oldest && slot <= last) slots.push(slot)
  })
  slots.reverse()
  return {
    positions: new Map(slots.map((slot, i) => [slot, i])),
    history: slots.filter((slot) => slot < first).length,
    unfinished: (last + 1) * options.slot > nowMs ? last : undefined,
    windowSlots: Float64Array.from(
      slots.filter((slot) => slot >= first),
      (slot) => slot * options.slot,
    ),
  }
}

function nodeEvidence(
  tallies: Tallies,
  options: GraphOptions,
  time: Timeline,
  node: number,
  requests: ReadonlyMap<number, Float64Array>,
): NodeEvidence {
  const served = requests.get(node) ?? new Float64Array(time.positions.size)
  const rate = served.map((n) => (1000 * n) / options.slot)
  const unfinished = time.unfinished === undefined ? undefined : time.positions.get(time.unfinished)
  if (unfinished !== undefined) rate[unfinished] = Number.NaN
  return {
    id: tallies.nodes.id(node),
    virtual: tallies.nodes.kind(node) !== 'service',
    requests: split(served, time),
    requestRate: split(rate, time),
    usualRate: false,
    latencyMs: split(over(sums(tallies.nodeSlots, node, time, NodeSlot.duration), served), time),
    failed: split(over(sums(tallies.nodeSlots, node, time, NodeSlot.failures), served), time),
    spansPerRequest: split(over(spansOf(tallies, time, node), served), time),
    blind: false,
    operations: tallies.operations.of(node).map((operation) => {
      const read = (field: number) => sums(tallies.operationSlots, operation, time, field)
      const calls = read(OperationSlot.calls)
      return {
        operation: tallies.operations.name(operation),
        calls: split(calls, time),
        exclusiveMs: split(over(read(OperationSlot.exclusive), calls), time),
        perRequest: split(over(calls, served), time),
        errorOrigin: split(over(read(OperationSlot.origins), calls), time),
      }
    }),
  }
}

function spansOf(tallies: Tallies, time: Timeline, node: number): Float64Array {
  const spans = new Float64Array(time.positions.size)
  for (const operation of tallies.operations.of(node))
    for (const [at, calls] of sums(tallies.operationSlots, operation, time, OperationSlot.calls).entries())
      spans[at]! += calls
  return spans
}

function edgeEvidence(
  tallies: Tallies,
  time: Timeline,
  edge: number,
  requests: ReadonlyMap<number, Float64Array>,
): EdgeEvidence {
  const read = (field: number) => sums(tallies.edgeSlots, edge, time, field)
  const client = tallies.edges.client(edge)
  const calls = read(EdgeSlot.calls)
  const clientRequests = requests.get(client) ?? new Float64Array(calls.length)
  // spans of the other side come later: in a slot with open calls the count means nothing yet
  const open = sums(tallies.nodeSlots, client, time, NodeSlot.open)
  const settled = clientRequests.map((n, i) => (open[i]! > OPEN_SHARE * n ? 0 : n))
  return {
    client: tallies.nodes.id(client),
    server: tallies.nodes.id(tallies.edges.server(edge)),
    connection: tallies.edges.connection(edge),
    calls: split(calls, time),
    clientRequests: split(clientRequests, time),
    callsPerRequest: split(over(calls, settled), time),
    failures: split(over(read(EdgeSlot.failures), calls), time),
    unexplained: split(over(read(EdgeSlot.unexplained), calls), time),
    gapMs: split(over(read(EdgeSlot.gap), read(EdgeSlot.gapCount)), time),
    unanswered: split(over(read(EdgeSlot.unanswered), calls), time),
  }
}

function sums(series: SlotSeries, owner: number, time: Timeline, field: number): Float64Array {
  const values = new Float64Array(time.positions.size)
  series.each(owner, (slot, read) => {
    const at = time.positions.get(slot)
    if (at !== undefined) values[at] = read(field)
  })
  return values
}

function over(sum: Float64Array, count: Float64Array): Float64Array {
  return sum.map((value, i) => (count[i]! > 0 ? value / count[i]! : Number.NaN))
}

function split(values: Float64Array, time: Timeline): Series {
  return { history: values.subarray(0, time.history), window: values.subarray(time.history) }
}
