import type { SpanSummary } from '@adf/contract'
import { EdgeStat } from '../edges.ts'
import { NodeStat } from '../nodes.ts'
import { EdgeSlot, NodeSlot, OperationSlot, type Tallies } from '../tallies.ts'

type Nodes = SpanSummary['nodes']
type Operations = SpanSummary['operations']
type Edges = SpanSummary['edges']

/**
 * Takes what was counted since the last time out of tallies that do not decay: sums are 0 again, while nodes, edges and operations keep
 * their numbers, by which waiting spans know them.
 *
 * @param slotMs width of a slot
 */
export function takeTallies(
  tallies: Tallies,
  slotMs: number,
): Pick<SpanSummary, 'nodes' | 'operations' | 'edges'> {
  const nodes: Nodes = []
  const operations: Operations = []
  const edges: Edges = []
  const places = new Map<number, number>()
  const place = (node: number): number => {
    const known = places.get(node)
    if (known !== undefined) return known
    nodes.push(takeNode(tallies, node))
    places.set(node, nodes.length - 1)
    return nodes.length - 1
  }
  tallies.nodeSlots.drain((owner, slot, read) => {
    nodes[place(owner)]?.slots.push([
      slot * slotMs,
      read(NodeSlot.requests),
      read(NodeSlot.failures),
      read(NodeSlot.duration),
      read(NodeSlot.open),
    ])
  })
  const byOperation = new Map<number, Operations[number]>()
  tallies.operationSlots.drain((owner, slot, read) => {
    let operation = byOperation.get(owner)
    if (operation === undefined) {
      operation = {
        node: place(tallies.operations.node(owner)),
        name: tallies.operations.name(owner),
        spans: tallies.operations.takeUse(owner),
        slots: [],
      }
      byOperation.set(owner, operation)
      operations.push(operation)
    }
    operation.slots.push([
      slot * slotMs,
      read(OperationSlot.calls),
      read(OperationSlot.exclusive),
      read(OperationSlot.origins),
    ])
  })
  const byEdge = new Map<number, Edges[number]>()
  tallies.edgeSlots.drain((owner, slot, read) => {
    let edge = byEdge.get(owner)
    if (edge === undefined) {
      edge = takeEdge(tallies, owner, place)
      byEdge.set(owner, edge)
      edges.push(edge)
    }
    edge.slots.push([
      slot * slotMs,
      read(EdgeSlot.calls),
      read(EdgeSlot.failures),
      read(EdgeSlot.gap),
      read(EdgeSlot.gapCount),
      read(EdgeSlot.unanswered),
      read(EdgeSlot.unexplained),
    ])
  })
  tallies.allSlots.drain(() => {})
  return { nodes, operations, edges }
}

function takeNode(tallies: Tallies, node: number): Nodes[number] {
  for (const stat of [NodeStat.requestsW, NodeStat.failuresW, NodeStat.exclusiveW])
    tallies.nodes.set(node, stat, 0)
  return {
    kind: tallies.nodes.kind(node),
    name: tallies.nodes.name(node),
    latency: tallies.requestLatency.take(node),
    slots: [],
    exemplars: tallies.exemplars.take(node),
  }
}

function takeEdge(
  { edges, clientLatency, serverLatency }: Tallies,
  edge: number,
  place: (node: number) => number,
): Edges[number] {
  const taken: Edges[number] = {
    client: place(edges.client(edge)),
    server: place(edges.server(edge)),
    connection: edges.connection(edge),
    client_ms: edges.get(edge, EdgeStat.clientSum),
    server_ms: edges.get(edge, EdgeStat.serverSum),
    gap: [edges.get(edge, EdgeStat.gapW), edges.get(edge, EdgeStat.gapCountW)],
    client_latency: clientLatency.take(edge),
    server_latency: serverLatency.take(edge),
    slots: [],
  }
  for (const stat of TAKEN) edges.set(edge, stat, 0)
  return taken
}

const TAKEN = [
  EdgeStat.calls,
  EdgeStat.failures,
  EdgeStat.callsW,
  EdgeStat.failuresW,
  EdgeStat.gapW,
  EdgeStat.gapCountW,
  EdgeStat.clientSum,
  EdgeStat.serverSum,
]
