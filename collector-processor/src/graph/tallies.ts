import type { NodeKind } from '@adf/contract'
import type { Drops } from './drops.ts'
import * as edges from './edges.ts'
import { Exemplars } from './exemplars.ts'
import { LatencySketches } from './latency.ts'
import * as nodes from './nodes.ts'
import { OperationTable } from './operations.ts'
import type { GraphOptions } from './options.ts'
import { SlotHistory } from './slot-history.ts'
import { SlotSeries } from './slots.ts'

/** Sums in a slot of each series. */
export const OperationSlot = { calls: 0, exclusive: 1, origins: 2 } as const
export const EdgeSlot = { calls: 0, failures: 1, gap: 2, gapCount: 3, unanswered: 4, unexplained: 5 } as const
/** `open`: client spans of the node that may still meet their server. */
export const NodeSlot = { requests: 0, failures: 1, duration: 2, open: 3 } as const

// see pending.ts: compiled in, not read from the exports each time
const { EdgeStat } = edges
const { NodeStat } = nodes
const [ofEdge, ofNode] = [EdgeSlot, NodeSlot]
const { calls: CALLS, exclusive: EXCLUSIVE, origins: ORIGINS } = OperationSlot

/** Cells (edge × slot) kept at most, 60 bytes each; of operations and nodes, 36 and 44 bytes, half as many. */
const MAX_CELLS = 1 << 20
/** Newer values weigh more instead of older ones less; past this all are scaled back. */
const MAX_WEIGHT = 2 ** 20

/** Told of numbers that are given to others from now on. */
export interface Forgetting {
  forgetNode(node: number): void
  forgetEdge(edge: number): void
  forgetOperation(operation: number): void
}

/** What is counted on nodes, operations and edges: totals, values that decay with arrival time, and sums per slot of event time. */
export class Tallies {
  readonly nodes: nodes.NodeTable
  readonly edges: edges.EdgeTable
  readonly operations: OperationTable
  readonly requestLatency = new LatencySketches()
  readonly clientLatency = new LatencySketches()
  readonly serverLatency = new LatencySketches()
  readonly operationSlots = new SlotSeries(3, MAX_CELLS / 2)
  readonly edgeSlots = new SlotSeries(6, MAX_CELLS)
  readonly nodeSlots = new SlotSeries(4, MAX_CELLS / 2)
  /** One owner, 0: requests of all nodes, to tell a quiet service from a gap in the data. */
  readonly allSlots = new SlotSeries(1, 1 << 16)
  readonly exemplars = new Exemplars()
  readonly history = new SlotHistory([
    [this.operationSlots, MAX_CELLS / 2],
    [this.edgeSlots, MAX_CELLS],
    [this.nodeSlots, MAX_CELLS / 2],
  ])
  forgetting: Forgetting | undefined
  nowMs = Number.NEGATIVE_INFINITY
  weight = 1
  readonly #options: GraphOptions
  readonly #drops: Drops
  #epochMs = Number.NaN
  #slot = 0
  #slotStart = 0
  #slotEnd = 0

  constructor(options: GraphOptions, drops: Drops) {
    this.#options = options
    this.#drops = drops
    this.nodes = new nodes.NodeTable(options.max_nodes)
    this.edges = new edges.EdgeTable(options.max_edges)
    this.operations = new OperationTable(options.max_operations)
  }

  /** Slot of an event time; of the arrival, when the clock of the sender is further off than the history reaches. */
  slotOf(eventMs: number): number {
    const off = eventMs - this.nowMs
    const trusted = off <= this.#options.history && off >= -this.#options.history
    const ms = trusted ? eventMs : this.nowMs
    // nearly all events of a request are in the slot of the one before: no division for them
    if (ms >= this.#slotStart && ms < this.#slotEnd) return this.#slot
    this.#slot = Math.floor(ms / this.#options.slot)
    this.#slotStart = this.#slot * this.#options.slot
    this.#slotEnd = this.#slotStart + this.#options.slot
    return this.#slot
  }

  /** Moves the clock of decay; it never runs back. */
  moveTo(nowMs: number): void {
    if (Number.isNaN(this.#epochMs)) this.#epochMs = nowMs
    if (nowMs <= this.nowMs) return
    this.nowMs = nowMs
    this.weight = 2 ** ((nowMs - this.#epochMs) / this.#options.half_life)
    if (this.weight > MAX_WEIGHT) this.#rescale()
    this.operations.nowMs = nowMs
    this.operations.weight = this.weight
  }

  /** A decaying sum as it stands now. */
  decayed(sum: number): number {
    return sum / this.weight
  }

  /** Events per second from a decaying count that began at `firstSeenMs`. */
  rate(sum: number, firstSeenMs: number): number {
    const perMs = Math.LN2 / this.#options.half_life
    // at least a slot: the first call of all must not look like a thousand a second
    const ageMs = Math.max(this.nowMs - firstSeenMs, this.#options.slot)
    return (1000 * this.decayed(sum) * perMs) / (1 - Math.exp(-perMs * ageMs))
  }

  node(kind: NodeKind, name: string): number {
    return this.nodes.intern(kind, name, this.nowMs)
  }

  /** Somebody else's node found no room here. */
  refusedNode(): void {
    this.#drops.add('node_limit')
  }

  refusedOperations(count: number): void {
    this.#drops.add('operation_limit', count)
  }

  /** The edge of a call; -1, counted, when there is no room for it. */
  edge(client: number, server: number, connection: edges.Connection): number {
    const edge = this.edges.intern(client, server, connection, this.nowMs)
    if (edge < 0) this.#drops.add('edge_limit')
    return edge
  }

  /** A request to a node. Here as below, `count` is how many such the one that was sampled stands for. */
  request(node: number, slot: number, durationMs: number, failed: boolean, count: number): void {
    const failures = failed ? count : 0
    this.nodes.add(node, NodeStat.requestsW, count * this.weight)
    this.nodes.add(node, NodeStat.failuresW, failures * this.weight)
    this.requestLatency.add(node, durationMs, this.weight, count)
    this.nodeSlots.add2(node, slot, ofNode.requests, count, ofNode.duration, durationMs * count)
    if (failed) this.nodeSlots.add(node, slot, ofNode.failures, count)
    this.allSlots.add(0, slot, 0, count)
  }

  call(edge: number, slot: number, failed: boolean, count: number): void {
    this.calls(edge, slot, count, failed ? count : 0)
  }

  /** Many calls at once. */
  calls(edge: number, slot: number, count: number, failures: number): void {
    this.#addCalls(edge, slot, count, failures)
    this.edges.set(edge, EdgeStat.lastSeen, this.nowMs)
    this.nodes.set(this.edges.server(edge), NodeStat.lastSeen, this.nowMs)
  }

  /** Takes back a call that turned out to have gone elsewhere. */
  uncall(edge: number, slot: number, failed: boolean, count: number): void {
    this.#addCalls(edge, slot, -count, failed ? -count : 0)
  }

  clientDuration(edge: number, ms: number, count: number): void {
    this.edges.add(edge, EdgeStat.clientSum, ms * count)
    this.clientLatency.add(edge, ms, this.weight, count)
  }

  serverDuration(edge: number, ms: number, count: number): void {
    this.edges.add(edge, EdgeStat.serverSum, ms * count)
    this.serverLatency.add(edge, ms, this.weight, count)
  }

  gap(edge: number, slot: number, ms: number, count: number): void {
    this.edges.add(edge, EdgeStat.gapW, ms * count * this.weight)
    this.edges.add(edge, EdgeStat.gapCountW, count * this.weight)
    this.edgeSlots.add2(edge, slot, ofEdge.gap, ms * count, ofEdge.gapCount, count)
  }

  exclusive(operation: number, slot: number, ms: number, calls: number): void {
    this.nodes.add(this.operations.node(operation), NodeStat.exclusiveW, ms * this.weight)
    this.operationSlots.add2(operation, slot, CALLS, calls, EXCLUSIVE, ms)
  }

  /** An error began in an operation; a negative amount takes that back. */
  origin(operation: number, slot: number, amount: number): void {
    this.operationSlots.add(operation, slot, ORIGINS, amount)
  }

  /** Drops what had no traffic for `forget_after`, and sets what counts as slow. Gives the numbers of dropped nodes. */
  sweep(): readonly number[] {
    const since = this.nowMs - this.#options.forget_after
    const gone: number[] = []
    for (const node of this.nodes.all()) {
      if (this.nodes.get(node, NodeStat.lastSeen) < since) gone.push(node)
      else
        this.nodes.set(
          node,
          NodeStat.slow,
          this.requestLatency.quantile(node, 0.95) || Number.POSITIVE_INFINITY,
        )
    }
    for (const edge of this.edges.all())
      if (this.edges.get(edge, EdgeStat.lastSeen) < since) this.forgetEdge(edge)
    this.forgetNodes(gone)
    return gone
  }

  /** With their operations and edges. */
  forgetNodes(gone: readonly number[]): void {
    if (gone.length === 0) return
    const all = new Set(gone)
    for (const edge of this.edges.all())
      if (all.has(this.edges.client(edge)) || all.has(this.edges.server(edge))) this.forgetEdge(edge)
    for (const node of gone) this.#forgetNode(node)
    this.operations.forgetStringIds()
  }

  forgetOperations(node: number, gone: readonly number[]): void {
    if (gone.length === 0) return
    for (const operation of gone) this.#forgetOperation(operation)
    this.operations.forget(node, gone)
    this.operations.forgetStringIds()
  }

  /** Lets cells be reused whose slot ended before the history that is needed. */
  setHorizon(eventMs: number): void {
    const horizon = this.slotOf(eventMs - this.#options.history) - 1
    for (const series of [this.operationSlots, this.edgeSlots, this.nodeSlots, this.allSlots])
      series.horizon = horizon
  }

  #addCalls(edge: number, slot: number, calls: number, failures: number): void {
    this.edges.add(edge, EdgeStat.calls, calls)
    this.edges.add(edge, EdgeStat.callsW, calls * this.weight)
    if (failures !== 0) {
      this.edges.add(edge, EdgeStat.failures, failures)
      this.edges.add(edge, EdgeStat.failuresW, failures * this.weight)
    }
    this.edgeSlots.add2(edge, slot, ofEdge.calls, calls, ofEdge.failures, failures)
  }

  forgetEdge(edge: number): void {
    this.edges.forget(edge)
    this.forgetting?.forgetEdge(edge)
    this.edgeSlots.forget(edge)
    this.clientLatency.forget(edge)
    this.serverLatency.forget(edge)
  }

  #forgetNode(node: number): void {
    const operations = this.operations.of(node)
    for (const operation of operations) this.#forgetOperation(operation)
    this.operations.forget(node, operations)
    this.nodes.forget(node)
    this.forgetting?.forgetNode(node)
    this.nodeSlots.forget(node)
    this.requestLatency.forget(node)
    this.exemplars.forget(node)
  }

  #forgetOperation(operation: number): void {
    this.operationSlots.forget(operation)
    this.forgetting?.forgetOperation(operation)
  }

  #rescale(): void {
    const factor = 1 / this.weight
    for (const sketches of [this.requestLatency, this.clientLatency, this.serverLatency])
      sketches.scale(factor)
    this.operations.scale(factor)
    for (const node of this.nodes.all())
      for (const stat of [NodeStat.requestsW, NodeStat.failuresW, NodeStat.exclusiveW])
        this.nodes.set(node, stat, this.nodes.get(node, stat) * factor)
    for (const edge of this.edges.all())
      for (const stat of [EdgeStat.callsW, EdgeStat.failuresW, EdgeStat.gapW, EdgeStat.gapCountW])
        this.edges.set(edge, stat, this.edges.get(edge, stat) * factor)
    this.#epochMs = this.nowMs
    this.weight = 1
  }
}
