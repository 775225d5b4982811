import type { Graph } from '@adf/contract'

/** A counter that only grows, but for starting again from zero when its edge was forgotten meanwhile. */
export interface Requests {
  readonly key: string
  readonly service: string
  readonly total: number
  readonly failed: number
}

/** Requests served by each service: calls of the edges that lead to it (callers unknown to us are the node `user`). */
export function* requestsOf(graph: Graph): Generator<Requests> {
  const services = new Set(graph.nodes.filter(({ kind }) => kind === 'service').map(({ id }) => id))
  for (const { client, server, connection, calls, failures } of graph.edges) {
    if (!services.has(server)) continue
    yield {
      key: `${client}\u0000${server}\u0000${connection}`,
      service: server,
      total: calls,
      failed: failures,
    }
  }
}
