import type { NodeKind } from '@adf/contract'
import { grown } from './slots.ts'

/** Numbers kept for each node; `w` ones are weighted for exponential forgetting. */
export const NodeStat = {
  requestsW: 0,
  failuresW: 1,
  exclusiveW: 2,
  firstSeen: 3,
  lastSeen: 4,
  /** Server duration from which a trace is kept as an exemplar, ms. */
  slow: 5,
} as const
const STATS = 8

/** The nodes of the graph by number. Numbers of forgotten nodes are given out again. */
export class NodeTable {
  /** A map for each kind: a key of both would be a new string at each look-up. */
  readonly #byName: Readonly<Record<NodeKind, Map<string, number>>> = {
    service: new Map(),
    database: new Map(),
    messaging: new Map(),
    peer: new Map(),
    user: new Map(),
  }
  #size = 0
  readonly #names: string[] = []
  readonly #kinds: NodeKind[] = []
  readonly #alive: boolean[] = []
  readonly #free: number[] = []
  readonly #limit: number
  /** What there was no room for since this was set back: only a peer, or any. */
  refused: 'none' | 'peer' | 'any' = 'none'
  stats = new Float64Array(0)

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#size
  }

  find(kind: NodeKind, name: string): number {
    return this.#byName[kind].get(name) ?? -1
  }

  /**
   * The node of this name, made when it is new; -1 when there is no room. Nodes that stand for addresses may take half
   * of the room only, so that they cannot keep services out.
   */
  intern(kind: NodeKind, name: string, nowMs: number): number {
    const known = this.#byName[kind].get(name)
    if (known !== undefined) return known
    if (this.#size >= (kind === 'peer' ? this.#limit / 2 : this.#limit)) {
      if (this.#size >= this.#limit) this.refused = 'any'
      else if (this.refused === 'none') this.refused = 'peer'
      return -1
    }
    const node = this.#free.pop() ?? this.#names.length
    this.#byName[kind].set(name, node)
    this.#size++
    this.#names[node] = name
    this.#kinds[node] = kind
    this.#alive[node] = true
    if ((node + 1) * STATS > this.stats.length) this.stats = grown(this.stats, (node + 1) * STATS)
    this.stats.fill(0, node * STATS, (node + 1) * STATS)
    this.set(node, NodeStat.firstSeen, nowMs)
    this.set(node, NodeStat.lastSeen, nowMs)
    this.set(node, NodeStat.slow, Number.POSITIVE_INFINITY)
    return node
  }

  forget(node: number): void {
    if (this.#byName[this.kind(node)].delete(this.name(node))) this.#size--
    this.#alive[node] = false
    this.#free.push(node)
  }

  alive(node: number): boolean {
    return this.#alive[node] === true
  }

  name(node: number): string {
    return this.#names[node] ?? ''
  }

  kind(node: number): NodeKind {
    return this.#kinds[node] ?? 'service'
  }

  /** Id as in the contract's GraphNode. */
  id(node: number): string {
    const kind = this.kind(node)
    return kind === 'service' ? this.name(node) : `${kind}:${this.name(node)}`
  }

  *all(): IterableIterator<number> {
    for (let node = 0; node < this.#names.length; node++) if (this.#alive[node]) yield node
  }

  get(node: number, stat: number): number {
    return this.stats[node * STATS + stat]!
  }

  set(node: number, stat: number, value: number): void {
    this.stats[node * STATS + stat] = value
  }

  add(node: number, stat: number, amount: number): void {
    const at = node * STATS + stat
    this.stats[at] = this.stats[at]! + amount
  }
}
