import * as bits from './flags.ts'
import type { HostClocks } from './host-clocks.ts'
import * as intervals from './intervals.ts'
import type { PendingSpans } from './pending.ts'
import * as layout from './record.ts'
import type { Tallies } from './tallies.ts'

// see pending.ts: compiled in, not read from the imports each time
const { Field, NONE, RECORD } = layout
const { LINK } = bits
const { MAX_SCANNED } = intervals

/** Time that operations spend themselves: that of their spans without what children cover. Not for client spans. */
export class ExclusiveTime {
  readonly #tallies: Tallies
  readonly #pending: PendingSpans
  readonly #clocks: HostClocks
  readonly #union = new intervals.IntervalUnion()

  constructor(tallies: Tallies, pending: PendingSpans, clocks: HostClocks) {
    this.#clocks = clocks
    this.#tallies = tallies
    this.#pending = pending
  }

  /** Counts a span that came, less the children that came before it. */
  add(record: number, operation: number, slot: number): void {
    const ms = this.#pending.duration(record) - this.#covered(record, NONE)
    const count = this.#pending.weight(record)
    this.#tallies.exclusive(operation, slot, ms * count, count)
  }

  /** Takes from a counted span what a child adds that is not linked to it yet. */
  takeOff(parent: number, child: number): void {
    const added = this.#covered(parent, child)
    if (!(added > 0)) return
    const pending = this.#pending
    const ms = -added * pending.weight(parent)
    this.#tallies.exclusive(pending.operation(parent), this.#tallies.slotOf(pending.end(parent)), ms, 0)
  }

  /**
   * Time of a span that its children cover, ms; with `newcomer`, only what that child adds to the ones already linked.
   */
  #covered(parent: number, newcomer: number): number {
    const pending = this.#pending
    let low = pending.start(parent)
    let high = pending.end(parent)
    if (newcomer !== NONE) {
      const ahead = this.#ahead(newcomer, parent)
      low = Math.max(low, pending.start(newcomer) - ahead)
      high = Math.min(high, pending.end(newcomer) - ahead)
      if (!(high > low)) return 0
    }
    const ints = pending.ints
    let child = ints[parent * RECORD + Field.firstChild]!
    if (child === NONE) return newcomer === NONE ? 0 : high - low
    const union = this.#union
    union.clear()
    for (let scanned = 0; child !== NONE && scanned < MAX_SCANNED; scanned++) {
      if ((ints[child * RECORD + Field.flags]! & LINK) === 0) {
        const ahead = this.#ahead(child, parent)
        union.add(pending.start(child) - ahead, pending.end(child) - ahead, low, high)
      }
      child = ints[child * RECORD + Field.next]!
    }
    return newcomer === NONE ? union.measure : high - low - union.measure
  }

  /** How far a child's clock is ahead of its parent's: most are on one host. */
  #ahead(child: number, parent: number): number {
    const ints = this.#pending.ints
    const [host, of] = [ints[child * RECORD + Field.host]!, ints[parent * RECORD + Field.host]!]
    return host === of ? 0 : this.#clocks.ahead(host, of)
  }
}
