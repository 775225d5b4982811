import {
  type Bucket,
  explicitBuckets,
  explicitDifference,
  explicitIsFinite,
  exponentialBuckets,
  exponentialDifference,
  exponentialIsFinite,
} from './histogram.ts'
import type { Role } from './instruments.ts'
import { cumulativeInterval, deltaInterval, type Interval, type Known } from './interval.ts'
import { keepPoint, type LastPoint, type Point } from './point.ts'

export type PointNote = 'no_time' | 'not_finite' | 'out_of_order' | 'overlap' | 'gap' | 'reset' | undefined

/** A counter that falls by less than this share did not reset: Linux's own idle and wait times step back a little. */
const TOLERATED_FALL = 0.01

/** One metric stream: remembers the last point and knows what the latest one said. */
export class Series {
  /** String id of the metric's name. */
  readonly name: number
  readonly role: Role
  /** Factor to the feature's unit. */
  readonly scale: number
  /** What it takes of the bound on all series. */
  cost = 1
  /** Level, or per second over the interval of the latest point; NaN when that is not known. */
  rate = Number.NaN
  /** Of a histogram: the observations of that interval, per second, in the feature's unit. */
  buckets: Bucket[] = []
  /** The latest point belongs to the collection that is under way. */
  fresh = false
  /** In this collection the counter fell without saying since when it counts: sums that it belongs to are not known. */
  broken = false
  #last: LastPoint | undefined
  #timeMs = 0

  constructor(name: number, role: Role, scale: number) {
    this.name = name
    this.role = role
    this.scale = scale
  }

  /** Time of the last point, stale markers included. */
  get timeMs(): number {
    return this.#timeMs
  }

  /** Takes a point; the note says what was odd about it. Points noted as other than `gap` and `reset` changed nothing. */
  add(point: Point, known: Known): PointNote {
    if (!(point.timeMs > 0)) return 'no_time'
    if (point.timeMs <= this.#timeMs) return 'out_of_order'
    if (point.stale) return this.#end(point)
    if (!Number.isFinite(point.value) || (!this.role.level && point.value < 0)) return 'not_finite'
    if (point.explicit && !explicitIsFinite(point.explicit, this.scale)) return 'not_finite'
    if (point.exponential && !exponentialIsFinite(point.exponential, this.scale)) return 'not_finite'
    if (this.role.level) return this.#level(point)
    const read = point.cumulative ? cumulativeInterval : deltaInterval
    const interval = read(this.#last, point.startMs, point.timeMs, known)
    if (interval.take === 'ignored') return interval.reason
    const note = this.#take(point, interval)
    this.#last = keepPoint(point, this.#last)
    this.#timeMs = point.timeMs
    this.fresh = true
    return note
  }

  /** The collection was read: what comes next belongs to another one. */
  nextCollection(): void {
    this.fresh = false
    this.broken = false
    this.rate = Number.NaN
    if (this.buckets.length > 0) this.buckets = []
  }

  #level(point: Point): PointNote {
    this.rate = point.value * this.scale
    this.#timeMs = point.timeMs
    this.fresh = true
    return undefined
  }

  /** A stale marker: the series has ended, and what comes after it begins anew. */
  #end(point: Point): PointNote {
    this.nextCollection()
    this.#last = undefined
    this.#timeMs = point.timeMs
    return undefined
  }

  #take(point: Point, interval: Exclude<Interval, { take: 'ignored' }>): PointNote {
    this.rate = Number.NaN
    if (this.buckets.length > 0) this.buckets = []
    if (interval.take === 'base') return interval.note
    const seconds = (point.timeMs - interval.fromMs) / 1000
    if (!(seconds > 0)) return interval.note
    const increment = interval.take === 'whole' ? point : difference(this.#last, point)
    if (increment === undefined) {
      this.broken = true
      return 'reset'
    }
    const perSecond = 1 / seconds
    this.rate = increment.value * perSecond
    if (increment.explicit) explicitBuckets(increment.explicit, this.scale, perSecond, this.buckets)
    if (increment.exponential) exponentialBuckets(increment.exponential, this.scale, perSecond, this.buckets)
    return interval.note
  }
}

type Increment = Pick<Point, 'value' | 'explicit' | 'exponential'>

function difference(before: LastPoint | undefined, now: Point): Increment | undefined {
  if (before === undefined) return undefined
  let value = now.value - before.value
  if (value < 0) {
    if (now.explicit || now.exponential || -value > before.value * TOLERATED_FALL) return undefined
    value = 0
  }
  if (now.explicit) {
    const explicit = before.explicit && explicitDifference(before.explicit, now.explicit)
    return explicit && { value, explicit }
  }
  if (now.exponential) {
    const exponential = before.exponential && exponentialDifference(before.exponential, now.exponential)
    return exponential && { value, exponential }
  }
  return { value }
}
