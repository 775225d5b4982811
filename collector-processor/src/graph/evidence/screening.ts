import type { QuietEdges } from '../../rootcause/evidence.ts'
import { RATIO, SPAN_SHARE, SPAN_TIME } from '../../rootcause/floors.ts'
import { Baselines } from '../baselines.ts'
import { EdgeSlot, type Forgetting, NodeSlot, OperationSlot, type Tallies } from '../tallies.ts'
import { QuietColumns } from './quiet-columns.ts'
import type { Timeline } from './timeline.ts'

/** Slots that a slot has to be behind the latest event to be taken as complete. */
const SETTLED = 3
/** Slots that are learned at once, at most, after a gap. */
const CATCH_UP = 720

/** What may be odd in a window. */
export interface Suspects {
  /** Operations, by node. */
  readonly operations: ReadonlyMap<number, readonly number[]>
  /** Nodes whose rate of requests may be odd. */
  readonly rates: ReadonlySet<number>
  readonly edges: readonly number[]
  /** Edges with calls in the window of which none may be odd; nodes by their place in `nodes`. */
  readonly quiet: QuietEdges
  readonly nodes: readonly number[]
  /** What requests took in the window, ms in all, at the node where that is most. */
  readonly waitedMs: number
}

/**
 * Tells what cannot be odd in a window from running baselines, so that a ranking reads the history of the rest alone: with
 * ten thousand edges, hardly any is odd, and reading all of their history takes seconds.
 */
export class Screening implements Forgetting {
  readonly #tallies: Tallies
  readonly #exclusive = new Baselines(SPAN_TIME)
  readonly #origin = new Baselines(SPAN_SHARE)
  readonly #work = new Baselines(RATIO)
  readonly #rate = new Baselines({ relative: 0.05, absolute: 1e-3 })
  readonly #gap = new Baselines(SPAN_TIME)
  readonly #unexplained = new Baselines(SPAN_SHARE)
  readonly #unanswered = new Baselines(SPAN_SHARE)
  readonly #callsPerRequest = new Baselines(RATIO)
  readonly #operationSums = new Float64Array(3)
  readonly #edgeSums = new Float64Array(6)
  readonly #nodeSums = new Float64Array(4)
  /** The latest slot that was learned. */
  #learned = Number.NaN

  constructor(tallies: Tallies) {
    this.#tallies = tallies
    tallies.forgetting = this
  }

  /** Learns the slots that are complete. `latestSlot` is that of the latest event. */
  learn(latestSlot: number): void {
    const to = latestSlot - SETTLED
    const from = Number.isNaN(this.#learned) ? to : Math.max(this.#learned + 1, to - CATCH_UP)
    for (let slot = from; slot <= to; slot++) this.#learnSlot(slot)
    if (to > (Number.isNaN(this.#learned) ? Number.NEGATIVE_INFINITY : this.#learned)) this.#learned = to
  }

  suspects({ first, last, over }: Pick<Timeline, 'first' | 'last' | 'over'>): Suspects {
    const tallies = this.#tallies
    const slots = last - first + 1
    const operations = new Map<number, readonly number[]>()
    const rates = new Set<number>()
    const requests = new Map<number, number>()
    const nodes = [...tallies.nodes.all()]
    let waitedMs = 0
    for (const node of nodes) {
      tallies.nodeSlots.totals(node, first, last, this.#nodeSums)
      const served = this.#nodeSums[NodeSlot.requests]!
      requests.set(node, served)
      waitedMs = Math.max(waitedMs, this.#nodeSums[NodeSlot.duration]!)
      if (this.#mayHaveOddRate(node, first, over)) rates.add(node)
      const odd = this.#operations(node, served, first, last)
      if (odd.length > 0) operations.set(node, odd)
    }
    const edges: number[] = []
    const quiet = new QuietColumns(tallies, nodes)
    for (const edge of tallies.edges.all()) {
      const seen = tallies.edgeSlots.totals(edge, first, last, this.#edgeSums)
      const calls = this.#edgeSums[EdgeSlot.calls]!
      if (this.#mayBeOdd(edge, calls, seen, requests.get(tallies.edges.client(edge)) ?? 0, slots))
        edges.push(edge)
      else if (calls > 0) quiet.add(edge, calls)
    }
    return { operations, rates, edges, quiet: quiet.all(), nodes, waitedMs }
  }

  #mayHaveOddRate(node: number, first: number, over: number): boolean {
    if (over < first) return false
    this.#tallies.nodeSlots.totals(node, first, over, this.#nodeSums)
    const slots = over - first + 1
    return this.#rate.suspects(node, this.#nodeSums[NodeSlot.requests]! / slots, slots)
  }

  #operations(node: number, served: number, first: number, last: number): readonly number[] {
    const tallies = this.#tallies
    const all = tallies.operations.of(node)
    const sums = this.#operationSums
    const odd: number[] = []
    let spans = 0
    for (const operation of all) {
      const seen = tallies.operationSlots.totals(operation, first, last, sums)
      const calls = sums[OperationSlot.calls]!
      spans += calls
      if (
        calls > 0 &&
        (this.#exclusive.suspects(operation, sums[OperationSlot.exclusive]! / calls, seen) ||
          this.#origin.suspects(operation, sums[OperationSlot.origins]! / calls, seen))
      )
        odd.push(operation)
    }
    // a service that does less as a whole: any of its operations may be what is left out
    return served > 0 && this.#work.suspects(node, spans / served, last - first + 1) ? all : odd
  }

  #mayBeOdd(edge: number, calls: number, seen: number, requests: number, slots: number): boolean {
    const sums = this.#edgeSums
    const gaps = sums[EdgeSlot.gapCount]!
    if (requests > 0 && this.#callsPerRequest.suspects(edge, calls / requests, slots)) return true
    if (calls <= 0) return false
    return (
      (gaps > 0 && this.#gap.suspects(edge, sums[EdgeSlot.gap]! / gaps, seen)) ||
      this.#unexplained.suspects(edge, sums[EdgeSlot.unexplained]! / calls, seen) ||
      this.#unanswered.suspects(edge, sums[EdgeSlot.unanswered]! / calls, seen)
    )
  }

  #learnSlot(slot: number): void {
    const tallies = this.#tallies
    const requests = new Map<number, number>()
    const over = (sum: number, count: number) => (count > 0 ? sum / count : Number.NaN)
    for (const node of tallies.nodes.all()) {
      if (tallies.nodeSlots.totals(node, slot, slot, this.#nodeSums) === 0) continue
      const served = this.#nodeSums[NodeSlot.requests]!
      requests.set(node, served)
      this.#rate.learn(node, served)
      let spans = 0
      for (const operation of tallies.operations.of(node)) {
        if (tallies.operationSlots.totals(operation, slot, slot, this.#operationSums) === 0) continue
        const calls = this.#operationSums[OperationSlot.calls]!
        spans += calls
        this.#exclusive.learn(operation, over(this.#operationSums[OperationSlot.exclusive]!, calls))
        this.#origin.learn(operation, over(this.#operationSums[OperationSlot.origins]!, calls))
      }
      this.#work.learn(node, over(spans, served))
    }
    for (const edge of tallies.edges.all()) {
      const sums = this.#edgeSums
      tallies.edgeSlots.totals(edge, slot, slot, sums)
      const calls = sums[EdgeSlot.calls]!
      this.#callsPerRequest.learn(edge, over(calls, requests.get(tallies.edges.client(edge)) ?? 0))
      if (calls <= 0) continue
      this.#gap.learn(edge, over(sums[EdgeSlot.gap]!, sums[EdgeSlot.gapCount]!))
      this.#unexplained.learn(edge, sums[EdgeSlot.unexplained]! / calls)
      this.#unanswered.learn(edge, sums[EdgeSlot.unanswered]! / calls)
    }
  }

  forgetNode(node: number): void {
    for (const baselines of [this.#work, this.#rate]) baselines.forget(node)
  }

  forgetOperation(operation: number): void {
    for (const baselines of [this.#exclusive, this.#origin]) baselines.forget(operation)
  }

  forgetEdge(edge: number): void {
    for (const baselines of [this.#gap, this.#unexplained, this.#unanswered, this.#callsPerRequest])
      baselines.forget(edge)
  }
}
