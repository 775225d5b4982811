import type { Series } from '../../rootcause/evidence.ts'
import type { GraphOptions } from '../options.ts'
import type { SlotSeries } from '../slots.ts'
import type { Tallies } from '../tallies.ts'

/** The slots that have data, first those of history, then those of the window, and how values are laid out over them. */
export class Timeline {
  /** First and last slot of the window. */
  readonly first: number
  readonly last: number
  /** The last slot that is over. */
  readonly over: number
  /** Starts of the slots of the window, ms. */
  readonly windowSlots: Float64Array
  readonly #length: number
  readonly #history: number
  /** Position by slot, from the oldest; -1 where nothing at all was seen. */
  readonly #oldest: number
  readonly #positions: Int32Array

  constructor(tallies: Tallies, options: GraphOptions, fromMs: number, nowMs: number) {
    this.first = Math.floor(fromMs / options.slot)
    this.last = Math.floor(nowMs / options.slot)
    this.#oldest = Math.floor((fromMs - options.history) / options.slot)
    const slots: number[] = []
    tallies.allSlots.each(0, (slot) => {
      if (slot >= this.#oldest && slot <= this.last) slots.push(slot)
    })
    slots.reverse()
    this.#positions = new Int32Array(this.last - this.#oldest + 1).fill(-1)
    for (const [at, slot] of slots.entries()) this.#positions[slot - this.#oldest] = at
    this.#length = slots.length
    const window = slots.filter((slot) => slot >= this.first)
    this.#history = slots.length - window.length
    this.windowSlots = Float64Array.from(window, (slot) => slot * options.slot)
    this.over = Math.floor(nowMs / options.slot) - 1
  }

  /** Sums of a field of an owner, slot by slot. */
  sums(series: SlotSeries, owner: number, field: number): Float64Array {
    const values = new Float64Array(this.#length)
    series.each(owner, (slot, read) => {
      const at = this.#positions[slot - this.#oldest] ?? -1
      if (at >= 0) values[at] = read(field)
    })
    return values
  }

  /** The same as a series; what is per second means nothing in a slot that is not over. */
  split(values: Float64Array): Series {
    return { history: values.subarray(0, this.#history), window: values.subarray(this.#history) }
  }

  /** Sums as means; NaN where nothing was counted. */
  ratio(sum: Float64Array, count: Float64Array): Series {
    return this.split(sum.map((value, i) => (count[i]! > 0 ? value / count[i]! : Number.NaN)))
  }

  perSecond(counts: Float64Array, slotMs: number): Series {
    const rate = counts.map((n) => (1000 * n) / slotMs)
    const running = this.#positions[this.last - this.#oldest] ?? -1
    if (this.over < this.last && running >= 0) rate[running] = Number.NaN
    return this.split(rate)
  }
}
