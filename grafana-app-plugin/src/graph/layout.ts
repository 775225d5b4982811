import type { Graph } from '@adf/contract'
import { Graph as Layered, layout } from '@dagrejs/dagre'

export const NODE_WIDTH = 184
export const NODE_HEIGHT = 66
const LAYER_GAP = 90
const ROW_GAP = 22

export interface Point {
  readonly x: number
  readonly y: number
}
export type Places = ReadonlyMap<string, Point>

/** What a layout depends on: who is there and who calls whom. */
export type Shape = Pick<Graph, 'nodes' | 'edges'>

/**
 * Places nodes from left to right by depth of call (Gansner et al., A technique for drawing directed graphs, 1993; by dagre). Names alone decide: the
 * same graph in another order is drawn alike. An edge to a node that is not there is left out.
 */
export function layered({ nodes, edges }: Shape): Places {
  const graph = new Layered({ multigraph: false })
  graph.setGraph({ rankdir: 'LR', ranksep: LAYER_GAP, nodesep: ROW_GAP, ranker: 'tight-tree' })
  graph.setDefaultEdgeLabel(() => ({}))
  const ids = nodes.map(({ id }) => id).sort()
  for (const id of ids) graph.setNode(id, { width: NODE_WIDTH, height: NODE_HEIGHT })
  const calls = edges
    .filter(({ client, server }) => client !== server && graph.hasNode(client) && graph.hasNode(server))
    .sort((a, b) => a.client.localeCompare(b.client) || a.server.localeCompare(b.server))
  for (const { client, server } of calls) graph.setEdge(client, server)
  layout(graph)
  return new Map(
    ids.map((id) => {
      const { x = 0, y = 0 } = graph.node(id)
      return [id, { x: x - NODE_WIDTH / 2, y: y - NODE_HEIGHT / 2 }]
    }),
  )
}

/**
 * Places for a graph that changed: what was placed stays where it is, also while it is gone for a while; what is new goes where a fresh
 * layout has it, moved down until it covers nothing.
 */
export function placed(before: Places, shape: Shape): Places {
  const fresh = shape.nodes.filter(({ id }) => !before.has(id))
  if (fresh.length === 0) return before
  const wanted = layered(shape)
  // Almost all new: another graph, such as that of a first look.
  if (fresh.length > shape.nodes.length / 2) return new Map([...before, ...wanted])
  const places = new Map(before)
  for (const { id } of fresh) {
    const { x, y } = wanted.get(id) ?? { x: 0, y: 0 }
    let free = y
    while ([...places.values()].some((other) => overlap(other, { x, y: free }))) free += NODE_HEIGHT + ROW_GAP
    places.set(id, { x, y: free })
  }
  return places
}

const overlap = (a: Point, b: Point) => Math.abs(a.x - b.x) < NODE_WIDTH && Math.abs(a.y - b.y) < NODE_HEIGHT
