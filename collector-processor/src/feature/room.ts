import type { SeriesBudget } from './metric/metric-source.ts'

/** Room for entities and metric series that the extractors of a process have together; closed while memory is short. */
export class Room {
  readonly series: SeriesBudget
  /** Entities forgotten or turned away for want of memory, each time. */
  dropped = 0
  readonly #maxSeries: number
  #closed = false

  constructor(maxSeries: number) {
    this.#maxSeries = maxSeries
    this.series = { used: 0, limit: maxSeries }
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Memory is short: no new entity is begun and no new metric series followed, until told otherwise. */
  shed(on: boolean): void {
    this.#closed = on
    this.series.limit = on ? this.series.used : this.#maxSeries
  }
}
