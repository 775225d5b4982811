import type { GraphEdge } from '@adf/contract'
import { grown } from './slots.ts'

export type Connection = GraphEdge['connection']
const CONNECTIONS: readonly Connection[] = ['call', 'database', 'messaging', 'peer', 'user']

/** Numbers kept for each edge; `w` ones are weighted for exponential forgetting. */
export const EdgeStat = {
  calls: 0,
  failures: 1,
  callsW: 2,
  failuresW: 3,
  gapW: 4,
  gapCountW: 5,
  firstSeen: 6,
  lastSeen: 7,
  clientSum: 8,
  serverSum: 9,
} as const
const STATS = 10
const CACHE = 4096

/** The edges of the graph by number. Numbers of forgotten edges are given out again. */
export class EdgeTable {
  readonly #byKey = new Map<number, number>()
  readonly #limit: number
  readonly #free: number[] = []
  #client = new Int32Array(64).fill(-1)
  #server = new Int32Array(64)
  #connection = new Uint8Array(64)
  #length = 0
  /** Last lookups: client, server * 8 + connection, edge + 1; direct-mapped, so that a known edge costs no string. */
  readonly #cache = new Int32Array(CACHE * 3)
  /** Grows whenever an edge comes or goes, so that what was derived from the shape can be kept until then. */
  version = 0
  /** There was no room for an edge since this was set back. */
  refused = false
  stats = new Float64Array(64 * STATS)

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#byKey.size
  }

  /** The edge between these nodes, made when it is new; -1 when there is no room. */
  intern(client: number, server: number, connection: Connection, nowMs: number): number {
    const kind = kindOf(connection)
    const at = placeOf(client, server, kind)
    const cache = this.#cache
    const low = server * 8 + kind
    if (cache[at] === client && cache[at + 1] === low && cache[at + 2] !== 0) return cache[at + 2]! - 1
    const edge = this.#intern(client, server, kind, nowMs)
    cache[at] = client
    cache[at + 1] = low
    cache[at + 2] = edge + 1
    return edge
  }

  #intern(client: number, server: number, kind: number, nowMs: number): number {
    const key = keyOf(client, server, kind)
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    if (this.#byKey.size >= this.#limit) {
      this.refused = true
      return -1
    }
    const edge = this.#free.pop() ?? this.#length++
    if (edge >= this.#client.length) this.#grow()
    this.#byKey.set(key, edge)
    this.#client[edge] = client
    this.#server[edge] = server
    this.#connection[edge] = kind
    this.stats.fill(0, edge * STATS, (edge + 1) * STATS)
    this.set(edge, EdgeStat.firstSeen, nowMs)
    this.set(edge, EdgeStat.lastSeen, nowMs)
    this.version++
    return edge
  }

  forget(edge: number): void {
    const [client, server, kind] = [this.client(edge), this.server(edge), this.#connection[edge]!]
    this.#byKey.delete(keyOf(client, server, kind))
    this.#cache[placeOf(client, server, kind) + 2] = 0
    this.#client[edge] = -1
    this.#free.push(edge)
    this.version++
  }

  client(edge: number): number {
    return this.#client[edge]!
  }

  server(edge: number): number {
    return this.#server[edge]!
  }

  connection(edge: number): Connection {
    return CONNECTIONS[this.#connection[edge]!] ?? 'call'
  }

  *all(): IterableIterator<number> {
    for (let edge = 0; edge < this.#length; edge++) if (this.#client[edge] !== -1) yield edge
  }

  get(edge: number, stat: number): number {
    return this.stats[edge * STATS + stat]!
  }

  set(edge: number, stat: number, value: number): void {
    this.stats[edge * STATS + stat] = value
  }

  add(edge: number, stat: number, amount: number): void {
    const at = edge * STATS + stat
    this.stats[at] = this.stats[at]! + amount
  }

  #grow(): void {
    const length = this.#client.length * 2
    const client = new Int32Array(length).fill(-1)
    client.set(this.#client)
    this.#client = client
    const server = new Int32Array(length)
    server.set(this.#server)
    this.#server = server
    const connection = new Uint8Array(length)
    connection.set(this.#connection)
    this.#connection = connection
    this.stats = grown(this.stats, length * STATS)
  }
}

/** Exact as long as there are fewer than 2^24 nodes. */
function keyOf(client: number, server: number, kind: number): number {
  return (client * 2 ** 24 + server) * 8 + kind
}

/** Where an edge is in the cache. */
function placeOf(client: number, server: number, kind: number): number {
  return ((Math.imul(client, 0x9e3779b1) ^ Math.imul(server, 0x85ebca6b) ^ kind) & (CACHE - 1)) * 3
}

/** Position in CONNECTIONS; comparing is quicker than searching. */
function kindOf(connection: Connection): number {
  if (connection === 'call') return 0
  return connection === 'database' ? 1 : connection === 'messaging' ? 2 : connection === 'peer' ? 3 : 4
}
