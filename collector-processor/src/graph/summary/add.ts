import type { SpanSummary } from '@adf/contract'
import { EdgeStat } from '../edges.ts'
import { NodeStat } from '../nodes.ts'
import { EdgeSlot, NodeSlot, OperationSlot, type Tallies } from '../tallies.ts'

/** Adds what others have counted, at the time that the tallies are moved to. */
export function addTallies(
  tallies: Tallies,
  summary: Pick<SpanSummary, 'nodes' | 'operations' | 'edges'>,
): void {
  const numbers = summary.nodes.map((node) => addNode(tallies, node))
  const before = tallies.operations.refused
  for (const operation of summary.operations) {
    const node = numbers[operation.node] ?? -1
    if (node >= 0) addOperation(tallies, node, operation)
  }
  tallies.refusedOperations(tallies.operations.refused - before)
  for (const edge of summary.edges) {
    const [client, server] = [numbers[edge.client] ?? -1, numbers[edge.server] ?? -1]
    if (client >= 0 && server >= 0) addEdge(tallies, client, server, edge)
  }
}

function addNode(
  tallies: Tallies,
  { kind, name, latency, slots, exemplars }: SpanSummary['nodes'][number],
): number {
  const node = tallies.node(kind, name)
  if (node < 0) {
    tallies.refusedNode()
    return node
  }
  tallies.nodes.set(node, NodeStat.lastSeen, tallies.nowMs)
  for (const [atMs, requests, failures, duration, open] of slots) {
    const slot = tallies.slotOf(atMs)
    tallies.nodes.add(node, NodeStat.requestsW, requests * tallies.weight)
    tallies.nodes.add(node, NodeStat.failuresW, failures * tallies.weight)
    tallies.nodeSlots.add2(node, slot, NodeSlot.requests, requests, NodeSlot.duration, duration)
    tallies.nodeSlots.add2(node, slot, NodeSlot.failures, failures, NodeSlot.open, open)
    if (requests !== 0) tallies.allSlots.add(0, slot, 0, requests)
  }
  for (const [ms, count] of latency) tallies.requestLatency.add(node, ms, tallies.weight, count)
  for (const [atMs, trace] of exemplars) tallies.exemplars.addHex(node, atMs, trace)
  return node
}

function addOperation(
  tallies: Tallies,
  node: number,
  { name, spans, slots }: SpanSummary['operations'][number],
): void {
  const operation = tallies.operations.named(node, name, spans)
  for (const [atMs, calls, exclusive, origins] of slots) {
    const slot = tallies.slotOf(atMs)
    tallies.exclusive(operation, slot, exclusive, calls)
    if (origins !== 0) tallies.operationSlots.add(operation, slot, OperationSlot.origins, origins)
  }
}

function addEdge(tallies: Tallies, client: number, server: number, of: SpanSummary['edges'][number]): void {
  const edge = tallies.edge(client, server, of.connection)
  if (edge < 0) return
  const { edges, edgeSlots, weight } = tallies
  for (const [atMs, calls, failures, gap, gaps, unanswered, unexplained] of of.slots) {
    const slot = tallies.slotOf(atMs)
    tallies.calls(edge, slot, calls, failures)
    edgeSlots.add2(edge, slot, EdgeSlot.gap, gap, EdgeSlot.gapCount, gaps)
    edgeSlots.add2(edge, slot, EdgeSlot.unanswered, unanswered, EdgeSlot.unexplained, unexplained)
  }
  edges.add(edge, EdgeStat.gapW, of.gap[0] * weight)
  edges.add(edge, EdgeStat.gapCountW, of.gap[1] * weight)
  edges.add(edge, EdgeStat.clientSum, of.client_ms)
  edges.add(edge, EdgeStat.serverSum, of.server_ms)
  for (const [ms, count] of of.client_latency) tallies.clientLatency.add(edge, ms, weight, count)
  for (const [ms, count] of of.server_latency) tallies.serverLatency.add(edge, ms, weight, count)
}
