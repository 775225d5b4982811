import * as bits from './flags.ts'
import type { PendingSpans } from './pending.ts'
import * as layout from './record.ts'
import type { Tallies } from './tallies.ts'

// see pending.ts: compiled in, not read from the imports each time
const { Field, NONE, RECORD } = layout
const { FAILED, FAILED_CHILD, ORIGIN, tellsFailure } = bits

/** Where errors begin: in failed spans without a failed child, as far as the spans that came tell. */
export class ErrorOrigins {
  readonly #tallies: Tallies
  readonly #pending: PendingSpans

  constructor(tallies: Tallies, pending: PendingSpans) {
    this.#tallies = tallies
    this.#pending = pending
  }

  /** A span failed, and may be where that began. Not for client spans: of those the edge tells, not the node. */
  failed(record: number): void {
    const o = record * RECORD
    const flags = this.#pending.ints[o + Field.flags]!
    if ((flags & (FAILED_CHILD | ORIGIN)) !== 0) return
    this.#pending.ints[o + Field.flags] = flags | ORIGIN
    this.#count(record, 1)
  }

  /**
   * A child of this span failed. A span within the service that did not fail itself (a framework's handler around the
   * calls, say) passes that on to the span around it, or that one would be taken for the place where the error began.
   */
  failedBelow(record: number): void {
    const ints = this.#pending.ints
    for (let at = record; at !== NONE; at = ints[at * RECORD + Field.parent]!) {
      const o = at * RECORD
      const flags = ints[o + Field.flags]!
      if ((flags & FAILED_CHILD) !== 0) return
      ints[o + Field.flags] = (flags | FAILED_CHILD) & ~ORIGIN
      if ((flags & ORIGIN) !== 0) this.#count(at, -1)
      if (!tellsFailure(flags | FAILED_CHILD) || (flags & FAILED) !== 0) return
    }
  }

  #count(record: number, amount: 1 | -1): void {
    const pending = this.#pending
    const count = amount * pending.weight(record)
    this.#tallies.origin(pending.operation(record), this.#tallies.slotOf(pending.end(record)), count)
  }
}
