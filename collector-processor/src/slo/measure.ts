import type { Indicator } from './objective.ts'
import { MAX_PERIOD_DAYS } from './period.ts'
import { CountRing, type Counts } from './ring.ts'
import { type BurnWindow, WINDOW_MINUTES } from './windows.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
/** The longest burn window. */
const KEPT_MINUTES = WINDOW_MINUTES['3d']
const KEPT_HOURS = MAX_PERIOD_DAYS * 24 + 1

/** A slot as it is stored. */
export interface SavedCounts extends Counts {
  readonly stepMs: number
  readonly startMs: number
}

/**
 * Requests of one service by one indicator: for each of the last 4,320 minutes, and for each hour of a quarter. Memory: 104 kB.
 */
export class Measure {
  readonly service: string
  readonly indicator: Indicator
  /** Since when requests are counted. */
  sinceMs: number
  /** Counted by this process, for counters that only grow. */
  lifeTotal = 0
  lifeGood = 0
  /** Of a latency taken from histograms: the bucket bound that the threshold comes down to; NaN when it has none. */
  boundMs: number | undefined
  readonly #minutes = new CountRing(MINUTE_MS, KEPT_MINUTES)
  readonly #hours = new CountRing(HOUR_MS, KEPT_HOURS)

  constructor(service: string, indicator: Indicator, sinceMs: number) {
    this.service = service
    this.indicator = indicator
    this.sinceMs = sinceMs
  }

  /** False when it is older than anything that is kept. */
  add(timeMs: number, total: number, good: number): boolean {
    if (!this.#hours.add(this.#hours.slotOf(timeMs), total, good)) return false
    this.#minutes.add(this.#minutes.slotOf(timeMs), total, good)
    this.lifeTotal += total
    this.lifeGood += good
    return true
  }

  window(window: BurnWindow, nowMs: number): Counts {
    const slot = this.#minutes.slotOf(nowMs)
    return this.#minutes.sum(slot - WINDOW_MINUTES[window] + 1, slot)
  }

  /** From the hour of `fromMs` to that of `toMs`, both included. */
  hours(fromMs: number, toMs: number): Counts {
    return this.#hours.sum(this.#hours.slotOf(fromMs), this.#hours.slotOf(toMs))
  }

  hour(timeMs: number): Counts {
    return this.#hours.at(this.#hours.slotOf(timeMs))
  }

  /** What changed since the last call, as it is now. */
  takeChanged(): SavedCounts[] {
    return [this.#minutes, this.#hours].flatMap((ring) =>
      [...ring.takeChanged()].map((slot) => ({
        stepMs: ring.stepMs,
        startMs: slot * ring.stepMs,
        ...ring.at(slot),
      })),
    )
  }

  /** It could not be saved: it is told again next time. */
  keep(saved: readonly SavedCounts[]): void {
    for (const ring of [this.#minutes, this.#hours])
      ring.keep(
        saved.filter(({ stepMs }) => stepMs === ring.stepMs).map(({ startMs }) => ring.slotOf(startMs)),
      )
  }

  restore({ stepMs, startMs, total, good }: SavedCounts): void {
    const ring = stepMs === MINUTE_MS ? this.#minutes : this.#hours
    ring.restore(ring.slotOf(startMs), { total, good })
  }
}
