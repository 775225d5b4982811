import type { Deviation } from './deviation.ts'
import type { EdgeEvidence, QuietEdge } from './evidence.ts'
import { ODD } from './scale.ts'

export interface JudgedEdge {
  readonly edge: EdgeEvidence
  readonly gap: Deviation | undefined
  readonly unexplained: Deviation | undefined
}

export function oddness({ gap, unexplained }: JudgedEdge): number {
  return Math.max(gap?.z ?? 0, unexplained?.z ?? 0)
}

/** What other calls of the same services tell of one that is odd. Calls of `user` are no witnesses: nobody is at their other end. */
export class Witnesses {
  readonly #byClient = new Map<string, JudgedEdge[]>()
  readonly #byServer = new Map<string, JudgedEdge[]>()
  /** Quiet edges, by the services that have an odd one. */
  readonly #quietOfClient = new Map<string, number>()
  readonly #quietOfServer = new Map<string, number>()

  constructor(judged: readonly JudgedEdge[], quiet: readonly QuietEdge[]) {
    const asked = new Set<string>()
    for (const one of judged) {
      if (oddness(one) >= ODD) asked.add(one.edge.client).add(one.edge.server)
      if (one.edge.connection === 'user' || (one.gap === undefined && one.unexplained === undefined)) continue
      push(this.#byClient, one.edge.client, one)
      push(this.#byServer, one.edge.server, one)
    }
    for (const { client, server, connection } of quiet) {
      if (connection === 'user') continue
      if (asked.has(client)) this.#quietOfClient.set(client, (this.#quietOfClient.get(client) ?? 0) + 1)
      if (asked.has(server)) this.#quietOfServer.set(server, (this.#quietOfServer.get(server) ?? 0) + 1)
    }
  }

  /** How many other edges to these servers or from these clients were seen, and how many of them are as odd as `from`. */
  besides(
    one: JudgedEdge,
    servers: readonly string[],
    clients: readonly string[],
    from: number,
  ): { seen: number; too: number } {
    const others = new Set<JudgedEdge>()
    let seen = 0
    for (const server of servers) {
      for (const other of this.#byServer.get(server) ?? []) others.add(other)
      seen += this.#quietOfServer.get(server) ?? 0
    }
    for (const client of clients) {
      for (const other of this.#byClient.get(client) ?? []) others.add(other)
      seen += this.#quietOfClient.get(client) ?? 0
    }
    others.delete(one)
    let too = 0
    for (const other of others) if (oddness(other) >= from) too++
    return { seen: seen + others.size, too }
  }
}

function push(map: Map<string, JudgedEdge[]>, key: string, one: JudgedEdge): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, [one])
  else known.push(one)
}
