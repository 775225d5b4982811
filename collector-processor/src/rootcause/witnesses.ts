import type { Calls } from './calls.ts'
import type { Deviation } from './deviation.ts'
import type { EdgeEvidence } from './evidence.ts'

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
  readonly #calls: Calls

  constructor(judged: readonly JudgedEdge[], calls: Calls) {
    this.#calls = calls
    for (const one of judged) {
      if (one.edge.connection === 'user' || (one.gap === undefined && one.unexplained === undefined)) continue
      push(this.#byClient, one.edge.client, one)
      push(this.#byServer, one.edge.server, one)
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
      seen += this.#calls.quietTo(server)
    }
    for (const client of clients) {
      for (const other of this.#byClient.get(client) ?? []) others.add(other)
      seen += this.#calls.quietFrom(client)
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
