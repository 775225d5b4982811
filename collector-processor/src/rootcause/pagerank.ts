const DAMPING = 0.85
const ROUNDS = 100
const CLOSE = 1e-6

/**
 * Plain PageRank (Page et al. 1999) over weighted directed edges of nodes 0 … nodes-1, by power iteration; the rank of a
 * node without edges is spread evenly. Own code over typed arrays: graphology's takes 0.1 s to build and rank 10,000 edges
 * (ADR 5).
 */
export function pagerank(
  nodes: number,
  from: Uint32Array,
  to: Uint32Array,
  weight: Float64Array,
): Float64Array {
  const out = new Float64Array(nodes)
  for (let edge = 0; edge < from.length; edge++) out[from[edge]!]! += weight[edge]!
  const part = weight.map((w, edge) => (w > 0 ? (DAMPING * w) / out[from[edge]!]! : 0))
  let rank = new Float64Array(nodes).fill(1 / nodes)
  for (let round = 0; round < ROUNDS; round++) {
    let loose = 0
    for (let node = 0; node < nodes; node++) if (out[node] === 0) loose += rank[node]!
    const next = new Float64Array(nodes).fill((1 - DAMPING + DAMPING * loose) / nodes)
    for (let edge = 0; edge < from.length; edge++) next[to[edge]!]! += rank[from[edge]!]! * part[edge]!
    let change = 0
    for (let node = 0; node < nodes; node++) change += Math.abs(next[node]! - rank[node]!)
    rank = next
    if (change < CLOSE) break
  }
  return rank
}
