import type { Tallies } from './tallies.ts'

/** Who reaches whom in the graph. The adjacency is derived once for each shape of the graph. */
export class Reach {
  readonly #tallies: Tallies
  #version = -1
  #callers = new Map<number, number[]>()
  #callees = new Map<number, number[]>()
  #byId = new Map<string, number>()

  constructor(tallies: Tallies) {
    this.#tallies = tallies
  }

  /** Node with this id, or -1. */
  node(id: string): number {
    const service = this.#tallies.nodes.find('service', id)
    if (service >= 0) return service
    this.#refresh()
    return this.#byId.get(id) ?? -1
  }

  callersOf(ids: readonly string[]): string[] {
    this.#refresh()
    const callers = this.#closure(
      ids.map((id) => this.node(id)),
      this.#callers,
    )
    const nodes = this.#tallies.nodes
    return Array.from(callers)
      .filter((node) => nodes.kind(node) === 'service')
      .map((node) => nodes.id(node))
      .sort()
  }

  /** These nodes, all that call them, directly or not, and what they call themselves. */
  around(ids: readonly string[]): Set<string> {
    this.#refresh()
    const own = ids.map((id) => this.node(id)).filter((node) => node >= 0)
    const callees = own.flatMap((node) => this.#callees.get(node) ?? [])
    const all = new Set([...own, ...callees, ...this.#closure(own, this.#callers)])
    return new Set(Array.from(all, (node) => this.#tallies.nodes.id(node)))
  }

  /** These, and all that they call, directly or not. */
  reachable(ids: readonly string[]): Set<string> {
    this.#refresh()
    const own = ids.map((id) => this.node(id)).filter((node) => node >= 0)
    const all = new Set([...own, ...this.#closure(own, this.#callees)])
    return new Set(Array.from(all, (node) => this.#tallies.nodes.id(node)))
  }

  /** Those that call each of these directly, but for itself and `user`. */
  callersOfEach(ids: Iterable<string>): Map<string, string[]> {
    this.#refresh()
    const nodes = this.#tallies.nodes
    const callers = new Map<string, string[]>()
    for (const id of ids) {
      const node = this.node(id)
      const clients = (this.#callers.get(node) ?? []).filter(
        (client) => client !== node && nodes.kind(client) !== 'user',
      )
      callers.set(id, [...new Set(clients.map((client) => nodes.id(client)))])
    }
    return callers
  }

  /** What is reached from `nodes` in one step or more. */
  #closure(nodes: readonly number[], steps: ReadonlyMap<number, readonly number[]>): Set<number> {
    const reached = new Set<number>()
    const queue = nodes.filter((node) => node >= 0)
    for (let node = queue.pop(); node !== undefined; node = queue.pop())
      for (const next of steps.get(node) ?? [])
        if (!reached.has(next)) {
          reached.add(next)
          queue.push(next)
        }
    return reached
  }

  #refresh(): void {
    const { edges, nodes } = this.#tallies
    if (this.#version === edges.version) return
    this.#version = edges.version
    this.#callers = new Map()
    this.#callees = new Map()
    this.#byId = new Map(Array.from(nodes.all(), (node) => [nodes.id(node), node]))
    for (const edge of edges.all()) {
      push(this.#callers, edges.server(edge), edges.client(edge))
      push(this.#callees, edges.client(edge), edges.server(edge))
    }
  }
}

function push(lists: Map<number, number[]>, key: number, value: number): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}
