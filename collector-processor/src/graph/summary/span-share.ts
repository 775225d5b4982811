import type { SpanSummary } from '@adf/contract'
import type { SpanBatch } from '../../telemetry/batch.ts'
import type { Resource } from '../../telemetry/resource.ts'
import { CausalGraph } from '../causal-graph.ts'
import { NodeStat } from '../nodes.ts'
import type { GraphOptions } from '../options.ts'
import { Sights } from './sights.ts'
import { takeTallies } from './take.ts'

/** Pairs of hosts whose clocks are off, that are told. */
const CLOCKS = 100

/**
 * A part of the spans of a graph: pairs them, and gives what they add to the graph step by step. Added up in whatever order, the summaries
 * of all parts are what one graph learns of all spans, as long as the spans of a trace come in one part. Addresses of services are learned
 * by each part itself.
 */
export class SpanShare {
  readonly #graph: CausalGraph
  readonly #whole: CausalGraph
  readonly #sights: Sights
  readonly #slotMs: number
  #nowMs = Number.NEGATIVE_INFINITY

  /** @param whole the graph that it is a part of: who is slow goes by that, and what is dropped is counted there */
  constructor(options: GraphOptions, whole: CausalGraph) {
    this.#whole = whole
    this.#slotMs = options.slot
    this.#sights = new Sights(options.max_nodes * 2, () => whole.drops.add('relation_limit'))
    // What does not decay can be added up.
    this.#graph = new CausalGraph(
      { ...options, half_life: Number.POSITIVE_INFINITY },
      {
        drops: whole.drops,
        told: (service, sight) => this.#sights.add(service, sight, this.#nowMs),
      },
      whole.seed,
    )
    whole.shares.add(this.#graph)
  }

  spans(batch: SpanBatch, arrivalMs: number): void {
    this.#nowMs = arrivalMs
    this.#graph.spans(batch, arrivalMs)
  }

  resources(resources: readonly Resource[], arrivalMs: number): void {
    this.#nowMs = arrivalMs
    this.#graph.resources(resources, arrivalMs)
  }

  advance(nowMs: number): void {
    this.#nowMs = nowMs
    this.#graph.advance(nowMs)
  }

  /** What came since it was taken last. */
  take(): SpanSummary {
    const { tallies, clocks, latestEventMs } = this.#graph
    const taken = takeTallies(tallies, this.#slotMs)
    const { nodes } = this.#whole.tallies
    for (const { kind, name } of taken.nodes) {
      const [own, known] = [tallies.nodes.find(kind, name), nodes.find(kind, name)]
      if (own >= 0 && known >= 0) tallies.nodes.set(own, NodeStat.slow, nodes.get(known, NodeStat.slow))
    }
    return {
      latest_at: Number.isFinite(latestEventMs) ? latestEventMs : null,
      ...taken,
      sights: this.#sights.take(),
      clocks: [...clocks.offsets()].slice(0, CLOCKS),
    }
  }

  end(): void {
    this.#whole.shares.delete(this.#graph)
  }
}
