import type { SlotSeries } from './slots.ts'

/** Part of their room that series keep while memory is short. */
const KEPT = 1 / 8

/** Series and the cells that each may hold: what gives up its older slots while memory is short. */
export class SlotHistory {
  /** Cells lost for want of memory. */
  get dropped(): number {
    return this.#shedding ? this.#dropped + this.#lost - this.#lostBefore : this.#dropped
  }

  readonly #series: readonly (readonly [series: SlotSeries, cells: number])[]
  #shedding = false
  #dropped = 0
  #lostBefore = 0

  constructor(series: readonly (readonly [series: SlotSeries, cells: number])[]) {
    this.#series = series
  }

  /** Begins to do with an eighth of the room, the newest, or ends it. */
  shed(on: boolean): void {
    if (on === this.#shedding) return
    if (on) this.#lostBefore = this.#lost
    else this.#dropped = this.dropped
    this.#shedding = on
    for (const [series, cells] of this.#series) series.limit = on ? cells * KEPT : cells
  }

  get #lost(): number {
    return this.#series.reduce((sum, [series]) => sum + series.lost, 0)
  }
}
