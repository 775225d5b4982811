import type { Graph, GraphDiff, GraphEdge, GraphNode } from '@adf/contract'

/** Rates and latencies that differ by less are taken for the same … */
const FACTOR = 1.5
/** … and so are error rates, */
const ERRORS = 0.02
/** and rates and latencies that are next to nothing at both times: calls a second, milliseconds. */
const LEAST_RATE = 0.1
const LEAST_MS = 1

type Moved = GraphDiff['nodes']['changed'][number]['rate']
interface Figures {
  readonly rate: Moved
  readonly error_rate: Moved
  readonly latency_p95: Moved
}

/** What changed from one graph to another; each list has `limit` entries at most. */
export function diffGraphs(from: Graph, to: Graph, limit: number): GraphDiff {
  let left = 0
  const cut = <T>(all: T[]): T[] => {
    left += Math.max(0, all.length - limit)
    return all.slice(0, limit)
  }
  const nodes = compare(from.nodes, to.nodes, ({ id }) => id, nodeFigures)
  const edges = compare(from.edges, to.edges, edgeKey, edgeFigures)
  const since = Date.parse(from.at)
  const ends = ({ client, server, connection }: GraphEdge) => ({ client, server, connection })
  return {
    from: from.at,
    to: to.at,
    nodes: {
      added: cut(nodes.added.map(({ id }) => id)),
      gone: cut(nodes.gone.map(({ id }) => id)),
      changed: cut(nodes.changed.map(({ thing: { id }, figures }) => ({ id, ...figures }))),
    },
    edges: {
      added: cut(edges.added.map(ends)),
      gone: cut(edges.gone.map(ends)),
      changed: cut(edges.changed.map(({ thing, figures }) => ({ ...ends(thing), ...figures }))),
    },
    changes: cut(to.changes.filter(({ at }) => Date.parse(at) > since)),
    left_out: left,
  }
}

/** What is in one list only, and what is in both with other figures, the most changed first. */
function compare<T>(
  before: readonly T[],
  after: readonly T[],
  key: (thing: T) => string,
  figuresOf: (before: T, after: T) => Figures,
): { added: T[]; gone: T[]; changed: { thing: T; figures: Figures }[] } {
  const earlier = new Map(before.map((thing) => [key(thing), thing]))
  const added: T[] = []
  const changed: { thing: T; figures: Figures; by: number }[] = []
  for (const thing of after) {
    const old = earlier.get(key(thing))
    earlier.delete(key(thing))
    if (old === undefined) {
      added.push(thing)
      continue
    }
    const figures = figuresOf(old, thing)
    const by = change(figures)
    if (by >= 1) changed.push({ thing, figures, by })
  }
  changed.sort((a, b) => b.by - a.by)
  return { added, gone: [...earlier.values()], changed }
}

/** How many times over the least that counts; below 1 it is the same. */
function change({ rate, error_rate, latency_p95 }: Figures): number {
  return Math.max(
    factors(rate, LEAST_RATE),
    Math.abs((error_rate.to ?? 0) - (error_rate.from ?? 0)) / ERRORS,
    latency_p95.from === null || latency_p95.to === null ? 0 : factors(latency_p95, LEAST_MS),
  )
}

function factors({ from, to }: Moved, least: number): number {
  const [a, b] = [Math.max(from ?? 0, least), Math.max(to ?? 0, least)]
  return Math.abs(Math.log(b / a)) / Math.log(FACTOR)
}

const edgeKey = ({ client, server, connection }: GraphEdge) => JSON.stringify([client, server, connection])

function nodeFigures(from: GraphNode, to: GraphNode): Figures {
  return {
    rate: { from: from.rate, to: to.rate },
    error_rate: { from: from.error_rate, to: to.error_rate },
    latency_p95: { from: from.latency?.p95 ?? null, to: to.latency?.p95 ?? null },
  }
}

function edgeFigures(from: GraphEdge, to: GraphEdge): Figures {
  const p95 = ({ server_latency, client_latency }: GraphEdge) =>
    server_latency?.p95 ?? client_latency?.p95 ?? null
  return {
    rate: { from: from.rate, to: to.rate },
    error_rate: { from: from.error_rate, to: to.error_rate },
    latency_p95: { from: p95(from), to: p95(to) },
  }
}
