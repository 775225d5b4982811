import type { GraphEdge } from '@adf/contract'

/** A node with all that it calls and all that call it, directly or not. */
export function reachOf(
  edges: readonly Pick<GraphEdge, 'client' | 'server'>[],
  focus: string,
): ReadonlySet<string> {
  const reach = (from: 'client' | 'server', to: 'client' | 'server') => {
    const next = Map.groupBy(edges, (edge) => edge[from])
    const found = new Set([focus])
    // A set gives what is added while it is walked.
    for (const id of found) for (const edge of next.get(id) ?? []) found.add(edge[to])
    return found
  }
  return new Set([...reach('client', 'server'), ...reach('server', 'client')])
}
