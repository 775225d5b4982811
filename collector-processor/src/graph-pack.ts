import { promisify } from 'node:util'
import { deflate, inflate } from 'node:zlib'
import { Graph } from '@adf/contract'

const HEAD = 4
/** Of one piece, as text: a hundred edges take a twentieth. */
const MAX_PIECE = 2 ** 20
/** Five digits say all that a sketch knows. */
const DIGITS = 5

const compress = promisify(deflate)
const expand = promisify(inflate)
const Piece = Graph.partial()

/**
 * A graph as bytes: one after the other its pieces, each as JSON, deflated, behind its length (32 bits, big-endian). Pieces are small,
 * and compressed by threads of their own: whoever else waits has a turn after each.
 */
export async function packGraph(pieces: Iterable<Partial<Graph>>): Promise<{ body: Buffer; nodes: number }> {
  const parts: Buffer[] = []
  let nodes = 0
  for (const piece of pieces) {
    nodes += piece.nodes?.length ?? 0
    const part = await compress(JSON.stringify(rounded(piece)))
    const head = Buffer.alloc(HEAD)
    head.writeUInt32BE(part.length)
    parts.push(head, part)
  }
  return { body: Buffer.concat(parts), nodes }
}

/** Rejects when the bytes are no graph. */
export async function unpackGraph(body: Uint8Array): Promise<Graph> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const graph: Graph = { at: '', nodes: [], edges: [], placements: [], changes: [], clocks: [] }
  for (let at = 0; at < bytes.length; ) {
    const end = at + HEAD + bytes.readUInt32BE(at)
    if (end > bytes.length) throw new RangeError('a piece of the graph is cut short')
    const text = await expand(bytes.subarray(at + HEAD, end), { maxOutputLength: MAX_PIECE })
    const piece = Piece.parse(JSON.parse(text.toString()))
    graph.at = piece.at ?? graph.at
    graph.nodes.push(...(piece.nodes ?? []))
    graph.edges.push(...(piece.edges ?? []))
    graph.placements.push(...(piece.placements ?? []))
    graph.changes.push(...(piece.changes ?? []))
    graph.clocks.push(...(piece.clocks ?? []))
    at = end
  }
  if (graph.at === '') throw new RangeError('the graph has no time')
  return graph
}

/** A copy with its fractions rounded; counts stay whole. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return roundedNumber(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(rounded)
  const copy: Record<string, unknown> = {}
  for (const [key, one] of Object.entries(value)) copy[key] = rounded(one)
  return copy
}

function roundedNumber(value: number): number {
  if (Number.isInteger(value) || !Number.isFinite(value)) return value
  const scale = 10 ** (DIGITS - 1 - Math.floor(Math.log10(Math.abs(value))))
  // next to nothing: the scale is no number any more
  return Number.isFinite(scale) ? Math.round(value * scale) / scale : 0
}
