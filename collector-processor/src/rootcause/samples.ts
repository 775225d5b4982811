import { deviation } from './deviation.ts'
import type { MetricEvidence } from './evidence.ts'
import { FULL, ODD } from './scale.ts'

/** One value of a feature of a service, such as a gauge's point or records a minute. */
export interface Sample {
  readonly service: string
  readonly feature: string
  readonly unit: string
  readonly timeMs: number
  readonly value: number
}

export interface Judged {
  readonly fromMs: number
  readonly atMs: number
  /** Samples from here to `fromMs` belong neither to the window nor to history. */
  readonly historyEndMs: number
}

/**
 * Features that lie higher in the window than in history, as the live detectors would report them. For files: there is
 * no detector that learned on them. A single sample of history says nothing and gives nothing.
 */
export function samplesAsEvidence(
  samples: Iterable<Sample>,
  { fromMs, atMs, historyEndMs }: Judged,
): MetricEvidence[] {
  const series = Map.groupBy(samples, ({ service, feature }) => `${service}\n${feature}`)
  const found: MetricEvidence[] = []
  for (const of of series.values()) {
    const inTime = of.toSorted((a, b) => a.timeMs - b.timeMs).filter(({ value }) => Number.isFinite(value))
    const window = inTime.filter(({ timeMs }) => timeMs >= fromMs && timeMs <= atMs)
    const history = inTime.filter(({ timeMs }) => timeMs < historyEndMs)
    const first = window[0]
    if (first === undefined || history.length < 2) continue
    const values = { window: column(window), history: column(history) }
    const ones = { window: values.window.map(() => 1), history: values.history.map(() => 1) }
    const odd = deviation(values, ones, { relative: 0.2, absolute: 1e-9 })
    if (odd === undefined || odd.z < ODD) continue
    found.push({
      service: first.service,
      feature: first.feature,
      unit: first.unit,
      value: odd.value,
      expected: odd.expected,
      strength: Math.min(1, odd.z / FULL),
      sinceMs: first.timeMs,
    })
  }
  return found
}

function column(samples: readonly Sample[]): Float64Array {
  return Float64Array.from(samples, ({ value }) => value)
}
