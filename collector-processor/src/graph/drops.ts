import { Counter, type Registry } from 'prom-client'

const REASONS = [
  'node_limit',
  'edge_limit',
  'operation_limit',
  'pending_limit',
  'link_limit',
  'no_service',
  'bad_duration',
  'parent_never_came',
  'relation_limit',
  'node_evicted',
  'edge_evicted',
  'operation_evicted',
] as const
type Reason = (typeof REASONS)[number]

/** What the graph could not take, summed over a request: a counter with labels is too slow for every span. */
export class Drops {
  readonly #dropped: Counter<'reason'>
  readonly #duplicates: Counter
  readonly #sums: Record<Reason, number> = {
    node_limit: 0,
    edge_limit: 0,
    operation_limit: 0,
    pending_limit: 0,
    link_limit: 0,
    no_service: 0,
    bad_duration: 0,
    parent_never_came: 0,
    relation_limit: 0,
    node_evicted: 0,
    edge_evicted: 0,
    operation_evicted: 0,
  }
  #any = false
  duplicates = 0

  constructor(registry: Registry) {
    this.#dropped = new Counter({
      name: 'adf_graph_dropped_total',
      help: 'Spans, calls and names that the causal graph could not take, by reason.',
      labelNames: ['reason'],
      registers: [registry],
    })
    this.#duplicates = new Counter({
      name: 'adf_graph_duplicate_spans_total',
      help: 'Spans that came again within the pairing window and were not counted twice.',
      registers: [registry],
    })
  }

  add(reason: Reason, amount = 1): void {
    if (amount === 0) return
    this.#sums[reason] += amount
    this.#any = true
  }

  /** Hands the sums to the counters. */
  publish(): void {
    if (this.duplicates > 0) this.#duplicates.inc(this.duplicates)
    this.duplicates = 0
    if (!this.#any) return
    this.#any = false
    for (const reason of REASONS) {
      if (this.#sums[reason] > 0) this.#dropped.inc({ reason }, this.#sums[reason])
      this.#sums[reason] = 0
    }
  }
}
