import type { Graph, RootCause } from '@adf/contract'
import { Registry } from 'prom-client'
import { CausalGraph } from './graph/causal-graph.ts'
import type { GraphOptions } from './graph/options.ts'
import type { MetricEvidence } from './rootcause/evidence.ts'
import { rankRootCauses } from './rootcause/rank.ts'
import { type PlainSpan, SpanBatchBuilder } from './telemetry/span-builder.ts'
import { createTables } from './telemetry/tables.ts'

const HOUR_MS = 3_600_000
/** Spans handed to the graph at once. */
const BATCH = 1000

/** Of a day of traces of a thousand services; what is past a bound is evicted or refused as in the processor. */
const OPTIONS: GraphOptions = {
  pairing_window: 60_000,
  max_pending_spans: 1_000_000,
  max_nodes: 10_000,
  max_edges: 100_000,
  max_operations: 200,
  half_life: HOUR_MS / 12,
  history: 24 * HOUR_MS,
  slot: 5000,
  forget_after: 24 * HOUR_MS,
  config_keys: [],
}

/** A feature of a service that is not as it should be. */
export interface Anomalous {
  readonly service: string
  readonly feature: string
  /** UCUM; '' when left out. */
  readonly unit?: string
  readonly value: number
  readonly expected: number
  /** Calibrated score, 0 … 1; 0.5 is one in a thousand. 1 when left out. */
  readonly strength?: number
  readonly sinceMs: number
}

/** A cause, and whom it reaches. */
export interface ImpactedCause extends RootCause {
  /** Services that call it, directly or not, sorted. */
  readonly impact: readonly string[]
}

/**
 * Graph and ranking by themselves, without receiver, store or clock: spans in, ranked causes out. Times are milliseconds since the Unix
 * epoch, those of the spans; spans may come in any order, and those of one trace within a minute of its end.
 */
export class TraceAnalysis {
  readonly #graph: CausalGraph
  readonly #builder: SpanBatchBuilder
  readonly #anomalous: MetricEvidence[] = []
  #nowMs = Number.NEGATIVE_INFINITY

  constructor(options: Partial<GraphOptions> = {}) {
    const registry = new Registry()
    const limits = { max_strings: 1_000_000, max_resources: 100_000, max_services: 100_000 }
    this.#builder = new SpanBatchBuilder(createTables(limits, registry))
    this.#graph = new CausalGraph({ ...OPTIONS, ...options }, registry)
  }

  /** Throws RangeError for ids that are not hex of their length. */
  add(spans: readonly PlainSpan[]): this {
    const end = ({ startMs, durationMs }: PlainSpan) => startMs + durationMs
    const sorted = spans.toSorted((a, b) => end(a) - end(b))
    for (let from = 0; from < sorted.length; from += BATCH) {
      this.#builder.reset()
      for (const span of sorted.slice(from, from + BATCH)) {
        this.#builder.add(span)
        this.#nowMs = Math.max(this.#nowMs, end(span))
      }
      this.#graph.spans(this.#builder.batch, this.#nowMs)
      this.#graph.advance(this.#nowMs)
    }
    return this
  }

  /** Tells of an anomaly that was found elsewhere, as in a metric. */
  markAnomalous({ unit = '', strength = 1, ...anomaly }: Anomalous): this {
    this.#anomalous.push({ unit, strength, ...anomaly })
    return this
  }

  /** The graph as it is after the latest span. */
  graph(): Graph {
    return this.#graph.snapshot(this.#nowMs)
  }

  /**
   * Causes of what is odd between `fromMs` and the latest span, likeliest first, judged by what was before. `none`: the probability that
   * none of them is the cause.
   */
  analyse({ fromMs, top = 5 }: { readonly fromMs: number; readonly top?: number }): {
    readonly causes: readonly ImpactedCause[]
    readonly none: number
  } {
    const { causes, none } = rankRootCauses({
      at: this.#nowMs,
      evidence: this.#graph.evidence(fromMs, this.#nowMs),
      metrics: this.#anomalous,
      hosts: [],
      logs: [],
      // orders the comparator `random` alone, which is not given
      rng: () => 0.5,
      top,
    })
    return {
      causes: causes.map((cause) => ({ ...cause, impact: this.#graph.blastRadius([cause.service]) })),
      none,
    }
  }
}
