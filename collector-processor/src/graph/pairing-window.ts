import type { ClientSpans } from './client-spans.ts'
import type { Drops } from './drops.ts'
import * as bits from './flags.ts'
import type { GraphParts } from './parts.ts'
import type { PendingSpans } from './pending.ts'
import * as layout from './record.ts'
import * as spanKeys from './span-keys.ts'

// see pending.ts: compiled in, not read from the imports each time
const { Field, NONE, RECORD } = layout
const { PLACEHOLDER, WAITING } = bits
const { BLOCK } = spanKeys

/** Marks in a window. */
const MARKS = 64

/** When spans leave that wait for relatives: a pairing window after their arrival, to 1/64 of it. */
export class PairingWindow {
  readonly #lengthMs: number
  readonly #pending: PendingSpans
  readonly #drops: Drops
  readonly #clients: ClientSpans
  /** Until when which records came: arrival and the number of records ever added, one entry per 1/64 of the window. */
  readonly #marks: { arrivalMs: number; added: number }[] = []

  constructor({ options, pending, drops }: GraphParts, clients: ClientSpans) {
    this.#lengthMs = options.pairing_window
    this.#pending = pending
    this.#drops = drops
    this.#clients = clients
  }

  /** The records added since the last mark came now. */
  mark(arrivalMs: number): void {
    const { added } = this.#pending
    const last = this.#marks.at(-1)
    if (last !== undefined && arrivalMs - last.arrivalMs < this.#lengthMs / MARKS) last.added = added
    else this.#marks.push({ arrivalMs, added })
  }

  /** Gives up on the records that came more than a pairing window ago. */
  expire(nowMs: number): void {
    for (;;) {
      const mark = this.#marks[0]
      if (mark === undefined || mark.arrivalMs + this.#lengthMs > nowMs) return
      for (let left = mark.added - this.#pending.removed; left > 0; left -= BLOCK) {
        const count = Math.min(BLOCK, left)
        this.#pending.touchOldest(count)
        for (let i = 0; i < count; i++) this.#giveUpOldest()
      }
      this.#marks.shift()
    }
  }

  /** Gives up on all records. */
  close(): void {
    while (this.#pending.size > 0) this.#giveUpOldest()
  }

  /** A record leaves before its time because there is no room. Nothing is concluded from that. */
  evicted(record: number): void {
    const flags = this.#pending.ints[record * RECORD + Field.flags]!
    this.#clients.close(record)
    if ((flags & (PLACEHOLDER | WAITING)) !== 0) this.#drops.add('pending_limit')
  }

  #giveUpOldest(): void {
    this.#giveUp(this.#pending.oldest)
    this.#pending.removeOldest()
  }

  #giveUp(record: number): void {
    const ints = this.#pending.ints
    const o = record * RECORD
    if ((ints[o + Field.flags]! & PLACEHOLDER) !== 0) {
      this.#countOrphans(record)
      return
    }
    const parent = ints[o + Field.parent]!
    if (parent !== NONE && (ints[parent * RECORD + Field.flags]! & PLACEHOLDER) !== 0)
      this.#drops.add('parent_never_came')
    this.#clients.giveUp(record)
  }

  #countOrphans(parent: number): void {
    const ints = this.#pending.ints
    let orphans = 0
    for (let child = ints[parent * RECORD + Field.firstChild]!; child !== NONE; orphans++)
      child = ints[child * RECORD + Field.next]!
    this.#drops.add('parent_never_came', orphans)
  }
}
