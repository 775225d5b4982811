import type { NodeKind } from '@adf/contract'
import type { NodeTable } from './nodes.ts'

const PLACES = 1024

/** Nodes of virtual peers by string id, direct-mapped: a known one costs no string. */
export class KnownPeers {
  /** String id and node + 1 of each place, one table for each kind. */
  readonly #byKind: Partial<Record<NodeKind, Int32Array>> = {}
  readonly #nodes: NodeTable

  constructor(nodes: NodeTable) {
    this.#nodes = nodes
  }

  /** The node of this name, made when it is new; -1 when there is no room. */
  node(kind: NodeKind, nameId: number, name: (id: number) => string, nowMs: number): number {
    this.#byKind[kind] ??= new Int32Array(PLACES * 2)
    const places = this.#byKind[kind]
    const at = (nameId & (PLACES - 1)) * 2
    if (places[at] === nameId && places[at + 1] !== 0) return places[at + 1]! - 1
    const node = this.#nodes.intern(kind, name(nameId), nowMs)
    places[at] = nameId
    // a refused one is asked for again: there may be room by then
    places[at + 1] = node + 1
    return node
  }

  /** Call when nodes went, or string ids come from another table. */
  clear(): void {
    for (const places of Object.values(this.#byKind)) places.fill(0)
  }
}
