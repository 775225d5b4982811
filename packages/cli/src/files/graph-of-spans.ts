import {
  CausalGraph,
  createTables,
  type GraphOptions,
  type SpanBatch,
  SpanBatchBuilder,
} from '@adf/processor'
import { Registry } from 'prom-client'
import type { FileSpan } from './spans.ts'

/** Spans handed to the graph at once. */
const BATCH = 4096
const DAY_MS = 86_400_000

/** A graph over files: nothing is forgotten, since all of the files was asked for. */
export const FILE_GRAPH: GraphOptions = {
  pairing_window: 60_000,
  max_pending_spans: 2_000_000,
  max_nodes: 100_000,
  max_edges: 1_000_000,
  max_operations: 1000,
  half_life: 5 * 60_000,
  history: 366 * DAY_MS,
  slot: 5000,
  forget_after: 366 * DAY_MS,
  config_keys: [],
}

/** The causal graph of spans from files, fed in the order of their ends as if they had arrived then. */
export class FileGraph {
  readonly graph: CausalGraph
  readonly #builder: SpanBatchBuilder
  readonly #seen: (batch: SpanBatch, clockMs: number) => void
  #clockMs = Number.NEGATIVE_INFINITY
  #startMs = Number.POSITIVE_INFINITY

  /** `seen` gets each batch that the graph got, and the clock. */
  constructor(
    options: Partial<GraphOptions> = {},
    seen: (batch: SpanBatch, clockMs: number) => void = () => {},
  ) {
    this.#seen = seen
    const registry = new Registry()
    this.graph = new CausalGraph({ ...FILE_GRAPH, ...options }, registry)
    this.#builder = new SpanBatchBuilder(
      createTables({ max_strings: 1_000_000, max_resources: 200_000, max_services: 100_000 }, registry),
    )
  }

  /** End of the latest span so far, ms; -Infinity before the first. */
  get endMs(): number {
    return this.#clockMs
  }

  /** Start of the earliest span so far, ms; Infinity before the first. */
  get startMs(): number {
    return this.#startMs
  }

  add(spans: readonly FileSpan[]): void {
    const sorted = spans.toSorted((a, b) => a.startMs + a.durationMs - (b.startMs + b.durationMs))
    for (let from = 0; from < sorted.length; from += BATCH) {
      this.#builder.reset()
      for (const span of sorted.slice(from, from + BATCH)) {
        this.#builder.add(span)
        this.#clockMs = Math.max(this.#clockMs, span.startMs + span.durationMs)
        this.#startMs = Math.min(this.#startMs, span.startMs)
      }
      this.graph.spans(this.#builder.batch, this.#clockMs)
      this.#seen(this.#builder.batch, this.#clockMs)
    }
    this.graph.advance(this.#clockMs)
  }

  /** Decides what still waits for its other half; nothing is added afterwards. */
  finish(): void {
    this.graph.advance(this.#clockMs + FILE_GRAPH.pairing_window + 1)
  }
}
