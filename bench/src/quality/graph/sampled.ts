import type { FileSpan } from '@adf/cli'
import type { Graph } from '@adf/contract'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { Row } from '../../suite.ts'
import { learn, row } from './golden.ts'

/** A thousand traces are too few to tell 5 %: a tenth of them is off by as much as that by chance alone. */
const COPIES = 40
/** Nine in ten traces are rejected. */
const TENTH = { probability: 0.1, traceState: 'ot=th:e6666666666666' }

/** Calls and rates of a graph of one trace in ten, against the graph of all: the largest error of an edge between services. */
export function sampledTraces(name: string, spans: readonly FileSpan[], quick: boolean): Row[] {
  const copies = quick ? 4 : COPIES
  const whole = callsOf(learn(copied(spans, copies)))
  const sampled = callsOf(learn(thinned(copied(spans, copies))))
  const largest = (of: (edge: Graph['edges'][number]) => number) =>
    Math.max(
      ...Array.from(whole, ([key, edge]) => {
        const estimate = sampled.get(key)
        return estimate === undefined ? 1 : Math.abs(of(estimate) / of(edge) - 1)
      }),
    )
  return [
    row(
      `${name}:sampled-10%`,
      'calls_error',
      largest(({ calls }) => calls),
    ),
    row(
      `${name}:sampled-10%`,
      'rate_error',
      largest(({ rate }) => rate),
    ),
  ]
}

/** The same traces over again, under other ids; a request holds what ended within a second, as it would have come. */
function* copied(spans: readonly FileSpan[], copies: number): Iterable<FileSpan[]> {
  for (const second of bySecond(spans)) {
    yield Array.from({ length: copies }, (_, copy) => {
      const prefix = (copy + 1).toString(16).padStart(4, '0')
      return second.map((span) => ({ ...span, traceId: prefix + span.traceId.slice(prefix.length) }))
    }).flat()
  }
}

function bySecond(spans: readonly FileSpan[]): Iterable<FileSpan[]> {
  const end = ({ startMs, durationMs }: FileSpan) => startMs + durationMs
  const seconds = Map.groupBy(
    spans.toSorted((a, b) => end(a) - end(b)),
    (span) => Math.floor(end(span) / 1000),
  )
  return seconds.values()
}

/** One trace in ten, and its spans say so. */
function* thinned(requests: Iterable<readonly FileSpan[]>): Iterable<FileSpan[]> {
  const generator = xoroshiro128plus(6)
  for (const spans of requests) {
    const kept = new Map<string, boolean>()
    yield spans
      .filter(({ traceId }) => {
        const known = kept.get(traceId) ?? uniformFloat64(generator) < TENTH.probability
        kept.set(traceId, known)
        return known
      })
      .map((span) => ({ ...span, traceState: TENTH.traceState }))
  }
}

function callsOf({ edges }: Graph): Map<string, Graph['edges'][number]> {
  return new Map(
    edges
      .filter(({ connection }) => connection === 'call')
      .map((edge) => [`${edge.client} -> ${edge.server}`, edge]),
  )
}
