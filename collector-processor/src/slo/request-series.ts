import {
  type ExplicitPoint,
  type ExponentialPoint,
  explicitDifference,
  exponentialDifference,
} from '../feature/metric/histogram.ts'
import { cumulativeInterval, deltaInterval } from '../feature/metric/interval.ts'
import { keepPoint, type LastPoint, type Point } from '../feature/metric/point.ts'

/** Requests of one series between two of its points. Its buckets are valid until the next point of anyone. */
export interface Increment {
  readonly fromMs: number
  readonly toMs: number
  readonly count: number
  readonly explicit?: ExplicitPoint | undefined
  readonly exponential?: ExponentialPoint | undefined
}

/** Why a point counts nothing: it is only what the next one is compared with, or it is left out. */
export type NoIncrement = 'base' | 'reset' | 'no_time' | 'out_of_order' | 'overlap' | 'not_finite' | 'stale'

export interface SeriesContext {
  /** Time of the collection before this one, of the same metric and resource; NaN when there was none. */
  readonly collectedMs: number
  /** What a cumulative series counted before this may have been counted already. */
  readonly countingSinceMs: number
}

/**
 * One series of a request duration histogram, read exactly: whole counts, none twice. Rates for features are another
 * matter (feature/metric/series.ts). Source: OpenTelemetry metrics data model, "Resets and gaps".
 */
export class RequestSeries {
  #last: LastPoint | undefined
  #timeMs = 0

  add(point: Point, { collectedMs, countingSinceMs }: SeriesContext): Increment | NoIncrement {
    if (!(point.timeMs > 0)) return 'no_time'
    if (point.timeMs <= this.#timeMs) return 'out_of_order'
    if (point.stale) {
      // What it counted stays counted: should it go on, the next point is compared with the last.
      this.#timeMs = point.timeMs
      return 'stale'
    }
    if (!(point.value >= 0 && point.value < Number.POSITIVE_INFINITY)) return 'not_finite'
    const before = this.#last
    const read = point.cumulative ? cumulativeInterval : deltaInterval
    const began = point.startMs >= countingSinceMs
    const known = { collectedMs, maxAgeMs: began ? Number.POSITIVE_INFINITY : 0 }
    const interval = read(before, point.startMs, point.timeMs, known)
    if (interval.take === 'ignored') return interval.reason
    const increment = interval.take === 'base' ? 'base' : incrementOf(before, point, interval)
    this.#last = keepPoint(point, before)
    this.#timeMs = point.timeMs
    return increment
  }
}

function incrementOf(
  before: LastPoint | undefined,
  point: Point,
  { take, fromMs }: { readonly take: 'whole' | 'difference'; readonly fromMs: number },
): Increment | 'base' | 'reset' {
  if (take === 'whole') return { fromMs, toMs: point.timeMs, count: point.value, ...bucketsOf(point) }
  return before === undefined ? 'base' : difference(before, point, fromMs)
}

const bucketsOf = ({ explicit, exponential }: Point) => ({ explicit, exponential })

function difference(before: LastPoint, now: Point, fromMs: number): Increment | 'reset' {
  const count = now.value - before.value
  if (count < 0) return 'reset'
  const explicit =
    now.explicit && (before.explicit ? explicitDifference(before.explicit, now.explicit) : undefined)
  const exponential =
    now.exponential &&
    (before.exponential ? exponentialDifference(before.exponential, now.exponential) : undefined)
  if ((now.explicit && !explicit) || (now.exponential && !exponential)) return 'reset'
  return { fromMs, toMs: now.timeMs, count, explicit, exponential }
}
