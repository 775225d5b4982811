import type { GraphEdge } from '@adf/contract'
import type { Point } from './layout.ts'

type Ends = Pick<GraphEdge, 'client' | 'server'>

/**
 * Tells edges apart that would lie on each other: the one that goes back to the left, or up where both stand in one column, leaves and arrives below its
 * nodes; the other goes from side to side.
 */
export function goesBelow({ client, server }: Ends, from: Point, to: Point): boolean {
  if (to.x !== from.x) return to.x < from.x
  if (to.y !== from.y) return to.y < from.y
  return server < client
}

/** Pairs that call each other, whichever first: `client server` of both ways. */
export function twoWay(edges: readonly Ends[]): ReadonlySet<string> {
  const ways = new Set(edges.map(({ client, server }) => JSON.stringify([client, server])))
  return new Set(
    edges
      .filter(({ client, server }) => client !== server && ways.has(JSON.stringify([server, client])))
      .map(({ client, server }) => JSON.stringify([client, server])),
  )
}
