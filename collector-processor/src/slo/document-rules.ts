import type { Spec, TimeWindow } from './document-schema.ts'
import { isUnit, MAX_PERIOD_DAYS } from './period.ts'

export type Fault = (path: PropertyKey[], message: string) => void

function indicatorFaults({ indicator }: Spec, at: Fault): void {
  const { ratioMetric, thresholdMetric } = indicator.spec
  const path = ['indicator', 'spec']
  if ((ratioMetric === undefined) === (thresholdMetric === undefined))
    at(path, 'must have one of ratioMetric and thresholdMetric')
  const source = (ratioMetric?.good ?? thresholdMetric)?.metricSource.spec
  const where = [
    ...path,
    ...(ratioMetric ? ['ratioMetric', 'good'] : ['thresholdMetric']),
    'metricSource',
    'spec',
  ]
  if (source?.kind === 'latency' && source.threshold === undefined)
    at([...where, 'threshold'], 'is required: up to which duration a request is good, such as 300ms')
  if (source?.kind === 'availability' && source.threshold !== undefined)
    at([...where, 'threshold'], 'is for the kind latency only')
  const total = ratioMetric?.total.metricSource.spec
  const totalAt = [...path, 'ratioMetric', 'total', 'metricSource', 'spec']
  if (total?.threshold !== undefined)
    at([...totalAt, 'threshold'], 'is for the kind latency only: total is all requests')
  if (total?.service !== undefined && total.service !== (source?.service ?? total.service))
    at([...totalAt, 'service'], 'must be the service of good')
}

function targetFaults({ indicator, objectives: [objective] }: Spec, at: Fault): void {
  if (objective === undefined) return
  const path = ['objectives', 0]
  if ((objective.target === undefined) === (objective.targetPercent === undefined))
    at(path, 'must have one of target and targetPercent')
  const threshold = indicator.spec.thresholdMetric?.metricSource.spec.threshold
  if (objective.value === undefined) return
  if (threshold === undefined) at([...path, 'value'], 'is for a thresholdMetric only')
  else if (Math.abs(objective.value * 1000 - threshold) > 1e-6)
    at(
      [...path, 'value'],
      `is ${objective.value} s, but the threshold of the indicator is ${threshold / 1000} s`,
    )
}

function windowFaults(window: TimeWindow | undefined): string[] {
  if (window === undefined) return []
  const { duration: text, isRolling, calendar } = window
  const [count, unit] = [Number(text.slice(0, -1)), text.slice(-1)]
  if (isRolling) {
    const days = unit === 'd' ? count : unit === 'w' ? 7 * count : Number.NaN
    return [
      ...(days >= 1 && days <= MAX_PERIOD_DAYS
        ? []
        : [`${text} is not taken: a rolling window is from 1d to ${MAX_PERIOD_DAYS}d, in days or weeks`]),
      ...(calendar === undefined ? [] : ['a rolling window has no calendar']),
    ]
  }
  return [
    ...(count === 1 && isUnit(unit) ? [] : [`${text} is not taken: a calendar window is 1d, 1w, 1M or 1Q`]),
    ...(calendar === undefined
      ? ['a window that is not rolling needs a calendar: {startTime, timeZone}']
      : []),
  ]
}

/** What is wrong between keys that are good by themselves. */
export function specFaults(spec: Spec, at: Fault): void {
  indicatorFaults(spec, at)
  targetFaults(spec, at)
  for (const message of windowFaults(spec.timeWindow?.[0])) at(['timeWindow', 0], message)
}
