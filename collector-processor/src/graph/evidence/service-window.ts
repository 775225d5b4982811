import type { NodeEvidence, OperationEvidence, Series } from '../../rootcause/evidence.ts'
import { NodeSlot, OperationSlot, type Tallies } from '../tallies.ts'
import type { Timeline } from './timeline.ts'

/** What the graph knows of a node in window and history; each series is put together when it is asked for. */
export class ServiceWindow implements NodeEvidence {
  readonly id: string
  readonly virtual: boolean
  readonly blind = false
  readonly usualRate: boolean
  readonly #tallies: Tallies
  readonly #time: Timeline
  readonly #slotMs: number
  readonly #node: number
  readonly #suspects: readonly number[]
  #served: Float64Array | undefined
  #operations: readonly OperationEvidence[] | undefined

  /** `suspects`: the operations that may be odd. */
  constructor(
    tallies: Tallies,
    time: Timeline,
    slotMs: number,
    node: number,
    suspects: readonly number[],
    usualRate: boolean,
  ) {
    this.id = tallies.nodes.id(node)
    this.virtual = tallies.nodes.kind(node) !== 'service'
    this.usualRate = usualRate
    this.#tallies = tallies
    this.#time = time
    this.#slotMs = slotMs
    this.#node = node
    this.#suspects = suspects
  }

  /** Requests that it served, slot by slot. */
  get served(): Float64Array {
    this.#served ??= this.#sums(NodeSlot.requests)
    return this.#served
  }

  get requests(): Series {
    return this.#time.split(this.served)
  }

  get requestRate(): Series {
    return this.#time.perSecond(this.served, this.#slotMs)
  }

  get latencyMs(): Series {
    return this.#time.ratio(this.#sums(NodeSlot.duration), this.served)
  }

  get failed(): Series {
    return this.#time.ratio(this.#sums(NodeSlot.failures), this.served)
  }

  get spansPerRequest(): Series {
    const spans = new Float64Array(this.served.length)
    for (const operation of this.#tallies.operations.of(this.#node))
      for (const [at, calls] of this.#calls(operation).entries()) spans[at]! += calls
    return this.#time.ratio(spans, this.served)
  }

  /** Slots in which calls of it are still open have no requests here: spans of the other side come later. */
  settled(share: number): Float64Array {
    const open = this.#sums(NodeSlot.open)
    return this.served.map((n, i) => (open[i]! > share * n ? 0 : n))
  }

  get operations(): readonly OperationEvidence[] {
    this.#operations ??= this.#suspects.map((operation) => {
      const read = (field: number) => this.#time.sums(this.#tallies.operationSlots, operation, field)
      const calls = read(OperationSlot.calls)
      return {
        operation: this.#tallies.operations.name(operation),
        calls: this.#time.split(calls),
        exclusiveMs: this.#time.ratio(read(OperationSlot.exclusive), calls),
        perRequest: this.#time.ratio(calls, this.served),
        errorOrigin: this.#time.ratio(read(OperationSlot.origins), calls),
      }
    })
    return this.#operations
  }

  #calls(operation: number): Float64Array {
    return this.#time.sums(this.#tallies.operationSlots, operation, OperationSlot.calls)
  }

  #sums(field: number): Float64Array {
    return this.#time.sums(this.#tallies.nodeSlots, this.#node, field)
  }
}
