import type { Drops } from './drops.ts'
import { EdgeStat } from './edges.ts'
import { NodeStat } from './nodes.ts'
import { OperationStat } from './operations.ts'
import type { GraphOptions } from './options.ts'
import type { Tallies } from './tallies.ts'

/** How often room is made while something is refused, ms. */
const EVERY_MS = 5000
/** Share of a table that gives way at once. */
const SHARE = 1 / 16
/** What was seen over less time than this may be one of many names that come but once. */
const RETURNED_MS = 60_000
/** Decayed calls below which also what came back gives way. */
const FORGOTTEN = 1 / 16
/** Nodes whose operations are looked through at once. */
const MAX_NODES = 100

interface Candidate {
  readonly number: number
  readonly use: number
  readonly returned: boolean
}

/**
 * Makes room where something was refused: the least used gives way, by its decayed calls. First what was seen during less than a
 * minute, then what came back and fell silent since; what is still in use stays, and then the newcomer is refused. So a flood of names
 * that come once drives out its own kind and nothing that is busy. Only what was silent for two pairing windows goes: until then
 * waiting spans may speak of it.
 */
export class Eviction {
  readonly #options: GraphOptions
  readonly #tallies: Tallies
  readonly #drops: Drops
  #doneMs = Number.NEGATIVE_INFINITY

  constructor(options: GraphOptions, tallies: Tallies, drops: Drops) {
    this.#options = options
    this.#tallies = tallies
    this.#drops = drops
  }

  /** Gives the numbers of the nodes that went. */
  makeRoom(nowMs: number): readonly number[] {
    const { nodes, edges, operations } = this.#tallies
    if (nowMs - this.#doneMs < EVERY_MS) return []
    if (nodes.refused === 'none' && !edges.refused && operations.full.size === 0) return []
    this.#doneMs = nowMs
    const gone = nodes.refused === 'none' ? [] : this.#nodes(nodes.refused === 'peer')
    if (edges.refused) this.#edges()
    if (operations.full.size > 0) this.#operations()
    nodes.refused = 'none'
    edges.refused = false
    return gone
  }

  #nodes(peersOnly: boolean): readonly number[] {
    const { nodes, edges } = this.#tallies
    const use = new Map<number, number>()
    for (const edge of edges.all())
      for (const node of [edges.client(edge), edges.server(edge)])
        use.set(node, (use.get(node) ?? 0) + edges.get(edge, EdgeStat.callsW))
    const candidates: Candidate[] = []
    for (const node of nodes.all()) {
      if (peersOnly && nodes.kind(node) !== 'peer') continue
      const calls = (use.get(node) ?? 0) + nodes.get(node, NodeStat.requestsW)
      const [first, last] = [nodes.get(node, NodeStat.firstSeen), nodes.get(node, NodeStat.lastSeen)]
      candidates.push(...this.#candidate(node, calls, first, last))
    }
    const gone = least(candidates, this.#options.max_nodes * SHARE)
    this.#tallies.forgetNodes(gone)
    this.#drops.add('node_evicted', gone.length)
    return gone
  }

  #edges(): void {
    const { edges } = this.#tallies
    const candidates: Candidate[] = []
    for (const edge of edges.all()) {
      const [first, last] = [edges.get(edge, EdgeStat.firstSeen), edges.get(edge, EdgeStat.lastSeen)]
      candidates.push(...this.#candidate(edge, edges.get(edge, EdgeStat.callsW), first, last))
    }
    const gone = least(candidates, this.#options.max_edges * SHARE)
    for (const edge of gone) this.#tallies.forgetEdge(edge)
    this.#drops.add('edge_evicted', gone.length)
  }

  #operations(): void {
    const { operations } = this.#tallies
    for (const node of [...operations.full].slice(0, MAX_NODES)) {
      const candidates = operations.of(node).flatMap((operation) => {
        if (operations.stands(operation)) return []
        const read = (stat: number) => operations.get(operation, stat)
        return this.#candidate(
          operation,
          read(OperationStat.useW),
          read(OperationStat.firstSeen),
          read(OperationStat.lastSeen),
        )
      })
      const gone = least(candidates, this.#options.max_operations * SHARE)
      // to the end of the queue; names that were refused are asked for again only once room was made
      operations.full.delete(node)
      if (gone.length === 0) operations.full.add(node)
      this.#tallies.forgetOperations(node, gone)
      this.#drops.add('operation_evicted', gone.length)
    }
  }

  #candidate(number: number, useW: number, firstMs: number, lastMs: number): Candidate[] {
    const tallies = this.#tallies
    if (tallies.nowMs - lastMs <= 2 * this.#options.pairing_window) return []
    const returned = lastMs - firstMs >= RETURNED_MS
    const use = tallies.decayed(useW)
    return returned && use >= FORGOTTEN ? [] : [{ number, use, returned }]
  }
}

/** The `count` of least use, at least one if there is any. */
function least(candidates: readonly Candidate[], count: number): number[] {
  return candidates
    .toSorted((a, b) => Number(a.returned) - Number(b.returned) || a.use - b.use)
    .slice(0, Math.ceil(count))
    .map(({ number }) => number)
}
