import type { SeriesKey } from '../feature/metric/metric-state.ts'
import { fastEnough } from './fast-enough.ts'
import { Measure, MINUTE_MS } from './measure.ts'
import { type Indicator, indicatorKey } from './objective.ts'
import type { Increment } from './request-series.ts'
import { SourceChoice } from './source.ts'

/** What is told of a longer interval than this is spread over the minutes of it. */
const SPREAD_FROM_MS = 2 * MINUTE_MS
/** Of an even longer one, over its last three days. */
const SPREAD_MS = 3 * 86_400_000

/** The requests of one service, by each indicator that somebody has an objective for. */
export class ServiceRequests {
  readonly service: string
  source = new SourceChoice()
  /** The newer of the two names of the request metric came: the older one tells the same again. */
  newMetric = false
  readonly measures = new Map<string, Measure>()
  #list: Measure[] = []

  constructor(service: string) {
    this.service = service
  }

  /** The measure of an indicator, begun at `nowMs` when it is new. */
  measure(indicator: Indicator, nowMs: number): Measure {
    const key = indicatorKey(indicator)
    let measure = this.measures.get(key)
    if (measure === undefined) {
      measure = new Measure(this.service, indicator, nowMs)
      this.measures.set(key, measure)
      this.#list = [...this.measures.values()]
    }
    return measure
  }

  /** One request told by a span, standing for `weight`. False when it is too old to count. */
  span(endMs: number, durationMs: number, failed: boolean, weight: number, arrivalMs: number): boolean {
    if (!this.source.span(endMs, arrivalMs)) return true
    let kept = true
    for (const measure of this.#list) {
      const { indicator } = measure
      const good = indicator.kind === 'availability' ? !failed : durationMs <= indicator.thresholdMs
      kept = measure.add(endMs, weight, good ? weight : 0) && kept
    }
    return kept
  }

  /** What a metric told of an interval. False when it is too old to count. */
  increment(
    increment: Increment,
    { role, scale }: Pick<SeriesKey, 'role' | 'scale'>,
    arrivalMs: number,
  ): boolean {
    const share = this.source.share(increment.fromMs, increment.toMs)
    if (share === 0) return true
    let kept = true
    for (const measure of this.#list) {
      const { indicator } = measure
      let { count: total } = increment
      let good = role.failed === true ? 0 : total
      if (indicator.kind === 'latency') {
        const fast = fastEnough(increment, scale, indicator.thresholdMs)
        measure.boundMs = fast?.boundMs ?? Number.NaN
        // Nothing tells how many were fast enough: no count is better than one that calls all of them slow.
        if (fast === undefined || Number.isNaN(fast.boundMs)) continue
        total = fast.total
        good = fast.good
      }
      if (total > 0) kept = spread(measure, increment, total * share, good * share, arrivalMs) && kept
    }
    return kept
  }
}

/** Counts in the minute in which the interval ended, or evenly over the minutes of a long one. */
function spread(
  measure: Measure,
  { fromMs, toMs }: Increment,
  total: number,
  good: number,
  arrivalMs: number,
): boolean {
  // An interval that ends with a minute belongs to it. Nothing lies in the future, whatever its clock says.
  const lastMs = Math.min(toMs - 1, arrivalMs)
  const length = lastMs - Math.max(fromMs, lastMs - SPREAD_MS)
  if (length <= SPREAD_FROM_MS) return measure.add(lastMs, total, good)
  const minutes = Math.ceil(length / MINUTE_MS)
  let kept = true
  for (let i = 0; i < minutes; i++)
    kept = measure.add(lastMs - i * MINUTE_MS, total / minutes, good / minutes) && kept
  return kept
}
