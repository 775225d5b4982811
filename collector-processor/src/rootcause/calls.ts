import type { EvidenceWindow } from './evidence.ts'

/** Who calls whom in the window, by service id, over odd and quiet edges; made once for a ranking. */
export class Calls {
  readonly #ids: readonly string[]
  readonly #index: ReadonlyMap<string, number>
  readonly #callers: Rows
  readonly #callees: Rows
  /** Of each edge: 1 = quiet and a witness (its caller is no user). Odd edges come first. */
  readonly #witness: Uint8Array
  readonly #client: Uint32Array
  readonly #server: Uint32Array
  readonly #count: Float64Array

  constructor({ nodes, edges, quiet }: EvidenceWindow) {
    const index = new Map(nodes.map(({ id }, at) => [id, at]))
    const known = edges.filter(({ client, server }) => index.has(client) && index.has(server))
    const length = known.length + quiet.client.length
    this.#ids = nodes.map(({ id }) => id)
    this.#index = index
    this.#client = new Uint32Array(length)
    this.#server = new Uint32Array(length)
    this.#count = new Float64Array(length)
    this.#witness = new Uint8Array(length)
    for (const [at, { client, server, calls }] of known.entries()) {
      this.#client[at] = index.get(client)!
      this.#server[at] = index.get(server)!
      this.#count[at] = counted(calls.window)
    }
    this.#client.set(quiet.client, known.length)
    this.#server.set(quiet.server, known.length)
    this.#count.set(quiet.count, known.length)
    for (let at = 0; at < quiet.client.length; at++) this.#witness[known.length + at] = 1 - quiet.user[at]!
    this.#callers = rows(nodes.length, this.#server)
    this.#callees = rows(nodes.length, this.#client)
  }

  /** Callers of a service, itself not among them; those of several connections once for each. */
  callersOf(service: string): string[] {
    return this.#others(service, this.#callers, this.#client)
  }

  calleesOf(service: string): string[] {
    return this.#others(service, this.#callees, this.#server)
  }

  /** Quiet edges to a service, or from it, that can witness. */
  quietTo(service: string): number {
    return this.#witnesses(service, this.#callers)
  }

  quietFrom(service: string): number {
    return this.#witnesses(service, this.#callees)
  }

  /** All edges as columns by position among the nodes; those without calls and those to oneself weigh nothing. */
  columns(): { from: Uint32Array; to: Uint32Array; weight: Float64Array } {
    const weight = this.#count.map((count, at) => (this.#client[at] === this.#server[at] ? 0 : count))
    return { from: this.#client, to: this.#server, weight }
  }

  #others(service: string, { start, edges }: Rows, other: Uint32Array): string[] {
    const node = this.#index.get(service)
    const found: string[] = []
    if (node === undefined) return found
    for (let at = start[node]!; at < start[node + 1]!; at++) {
      const there = other[edges[at]!]!
      if (there !== node) found.push(this.#ids[there]!)
    }
    return found
  }

  #witnesses(service: string, { start, edges }: Rows): number {
    const node = this.#index.get(service)
    let count = 0
    if (node === undefined) return count
    for (let at = start[node]!; at < start[node + 1]!; at++) count += this.#witness[edges[at]!]!
    return count
  }
}

/** Edges by node: those of node n are edges[start[n]] … edges[start[n+1]-1]. */
interface Rows {
  readonly start: Uint32Array
  readonly edges: Uint32Array
}

function rows(nodes: number, of: Uint32Array): Rows {
  const start = new Uint32Array(nodes + 1)
  for (let edge = 0; edge < of.length; edge++) start[of[edge]! + 1]!++
  for (let node = 0; node < nodes; node++) start[node + 1]! += start[node]!
  const next = start.slice(0, nodes)
  const edges = new Uint32Array(of.length)
  for (let edge = 0; edge < of.length; edge++) edges[next[of[edge]!]!++] = edge
  return { start, edges }
}

/** Calls of the window; 1 where nobody counted them. */
function counted(window: Float64Array): number {
  let sum = 0
  let seen = false
  for (const value of window) {
    if (Number.isNaN(value)) continue
    seen = true
    if (value > 0) sum += value
  }
  return seen ? sum : 1
}
