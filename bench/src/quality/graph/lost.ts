import type { FileSpan } from '@adf/cli'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { Row } from '../../suite.ts'
import { type Golden, learn, row } from './golden.ts'

const SHARES = [0.01, 0.05, 0.1, 0.25, 0.5]
/** Of 1,000: how much the graph of a service that is seldom called suffers. */
const FEW = 20

/**
 * What is left of the call graph when spans are lost at random, each by itself: edges found and calls counted, of all that there are;
 * and edges between services that do not call each other.
 */
export function lostSpans(name: string, spans: readonly FileSpan[], golden: Golden): Row[] {
  const traces = [...new Set(spans.map(({ traceId }) => traceId))]
  const few = new Set(traces.slice(0, FEW))
  return [
    ...losses(name, spans, golden.calls),
    ...losses(
      `${name}:${FEW}-traces`,
      spans.filter(({ traceId }) => few.has(traceId)),
      undefined,
    ),
  ]
}

function losses(name: string, spans: readonly FileSpan[], calls: number | undefined): Row[] {
  const whole = edgesOf(spans)
  const truth = [...whole.values()].reduce((sum, one) => sum + one, 0)
  if (calls !== undefined && truth !== calls * whole.size) throw new Error(`${name} has ${truth} calls`)
  return SHARES.flatMap((share) => {
    const generator = xoroshiro128plus(5)
    const kept = edgesOf(spans.filter(() => uniformFloat64(generator) >= share))
    const found = [...whole.keys()].filter((edge) => kept.has(edge))
    const counted = found.reduce((sum, edge) => sum + (kept.get(edge) ?? 0), 0)
    const of = `${name}:lost-${share * 100}%`
    return [
      row(of, 'edges_recall', found.length / whole.size),
      row(of, 'edges_wrong', [...kept.keys()].filter((edge) => !whole.has(edge)).length),
      row(of, 'calls_recall', counted / truth),
    ]
  })
}

/** Calls of each edge between services. */
function edgesOf(spans: readonly FileSpan[]): Map<string, number> {
  const { edges } = learn([spans])
  return new Map(
    edges
      .filter(({ connection }) => connection === 'call')
      .map(({ client, server, calls }) => [`${client} -> ${server}`, calls]),
  )
}
