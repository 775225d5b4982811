import type { Graph } from '@adf/contract'
import type { HostClocks } from './host-clocks.ts'
import type { Relations } from './relations.ts'
import {
  graphChanges,
  graphClocks,
  graphEdge,
  graphNode,
  graphPlacements,
  servedByCallers,
} from './snapshot.ts'
import type { Tallies } from './tallies.ts'

/** Nodes or edges made at once: a millisecond's work or two. */
const SLICE = 100

/**
 * The graph of `nowMs` in pieces, so that other work can go on in between; the pieces joined are one graph. What comes meanwhile is
 * left out; an edge is there only with both of its nodes.
 */
export function* graphSlices(
  tallies: Tallies,
  relations: Relations,
  clocks: HostClocks,
  nowMs: number,
): IterableIterator<Partial<Graph>> {
  yield { at: new Date(nowMs).toISOString(), changes: graphChanges(relations), clocks: graphClocks(clocks) }
  const served = servedByCallers(tallies)
  // by id: a number may be given to another node meanwhile
  const told = new Map<number, string>()
  const { nodes } = tallies
  for (const numbers of chunks(Array.from(nodes.all()))) {
    const there = numbers.filter((node) => nodes.alive(node))
    for (const node of there) told.set(node, nodes.id(node))
    yield { nodes: there.map((node) => graphNode(tallies, node, served.get(node))) }
  }
  const { edges } = tallies
  for (const numbers of chunks(Array.from(edges.all()))) {
    const whole = numbers.filter((edge) =>
      [edges.client(edge), edges.server(edge)].every(
        (node) => node >= 0 && told.get(node) === nodes.id(node),
      ),
    )
    yield { edges: whole.map((edge) => graphEdge(tallies, edge)) }
  }
  for (const placements of chunks(Array.from(graphPlacements(relations)))) yield { placements }
}

function* chunks<T>(all: readonly T[]): IterableIterator<T[]> {
  for (let from = 0; from < all.length; from += SLICE) yield all.slice(from, from + SLICE)
}
