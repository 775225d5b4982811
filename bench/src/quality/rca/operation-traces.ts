import type { FileSpan } from '@adf/cli'
import { microrank, type OperationTrace } from './peers/microrank.ts'

interface Moments {
  count: number
  sum: number
  squares: number
}

/** What MicroRank reads: traces of the latest minutes as operations, and how long operations take on the whole. */
export class OperationTraces {
  readonly #durations = new Map<string, Moments>()
  #latest: { readonly startMs: number; readonly trace: OperationTrace }[] = []

  /** Spans of a time without faults: how long operations take. */
  learn(spans: readonly FileSpan[]): void {
    const own = ownDurations(spans)
    for (const [at, span] of spans.entries()) {
      const moments = this.#durations.get(nameOf(span)) ?? { count: 0, sum: 0, squares: 0 }
      moments.count++
      moments.sum += own[at]!
      moments.squares += own[at]! ** 2
      this.#durations.set(nameOf(span), moments)
    }
  }

  /** Spans of one minute, after all earlier ones. The minutes that can be judged are kept. */
  add(spans: readonly FileSpan[]): void {
    const traces = [...Map.groupBy(spans, ({ traceId }) => traceId).values()].map(traceOf)
    const oldest = Math.min(...traces.map(({ startMs }) => startMs)) - 5 * 60_000
    this.#latest = [...this.#latest.filter(({ startMs }) => startMs >= oldest), ...traces]
  }

  /** Services of the operations that MicroRank blames for the traces that began in a window, best first. */
  blamed(fromMs: number, toMs: number): string[] {
    const traces = this.#latest.filter(({ startMs }) => startMs >= fromMs && startMs < toMs)
    const normal = new Map(
      Array.from(this.#durations, ([name, { count, sum, squares }]) => {
        const mean = sum / count
        return [name, { mean, deviation: Math.sqrt(Math.max(0, squares / count - mean ** 2)) }]
      }),
    )
    const operations = microrank(
      traces.map(({ trace }) => trace),
      normal,
    )
    return [...new Set(operations.map((operation) => operation.slice(0, operation.indexOf('\n'))))]
  }
}

/** Durations without those of the children: a trace's is compared with the sum over its operations, each counted once. */
function ownDurations(spans: readonly FileSpan[]): Float64Array {
  const own = Float64Array.from(spans, ({ durationMs }) => durationMs)
  const byId = new Map(spans.map(({ traceId, spanId }, at) => [traceId + spanId, at]))
  for (const { traceId, parentSpanId, durationMs } of spans) {
    const parent = parentSpanId === undefined ? undefined : byId.get(traceId + parentSpanId)
    if (parent !== undefined) own[parent]! -= durationMs
  }
  return own.map((ms) => Math.max(0, ms))
}

function traceOf(spans: readonly FileSpan[]): { startMs: number; trace: OperationTrace } {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  const operations = new Map<string, number>()
  const calls = new Map<string, readonly [string, string]>()
  let [startMs, endMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const span of spans) {
    const name = nameOf(span)
    operations.set(name, (operations.get(name) ?? 0) + 1)
    startMs = Math.min(startMs, span.startMs)
    endMs = Math.max(endMs, span.startMs + span.durationMs)
    const parent = span.parentSpanId === undefined ? undefined : byId.get(span.parentSpanId)
    if (parent !== undefined) calls.set(`${nameOf(parent)}\n\n${name}`, [nameOf(parent), name])
  }
  return { startMs, trace: { operations, calls: [...calls.values()], durationMs: endMs - startMs } }
}

function nameOf({ resource, name }: FileSpan): string {
  return `${resource['service.name']}\n${name}`
}
