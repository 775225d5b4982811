import type { MetricEvidence } from './evidence.ts'
import type { Finding } from './finding.ts'

/** What every caller of a slow or failing service shows too: symptoms, which say little about where it began. */
const SYMPTOMS = /^(latency_p\d+|error_rate|request_rate)$/
/** z-score that an anomaly of full strength is worth. */
const FULL = 20
const SYMPTOM = 3

/** Anomalies of features as findings against their service. */
export function metricFindings(metrics: readonly MetricEvidence[]): Finding[] {
  return metrics
    .filter((metric) => metric.strength > 0)
    .map((metric) => ({
      service: metric.service,
      kind: metric.feature.startsWith('log_')
        ? 'log'
        : metric.feature === 'request_rate'
          ? 'request_rate'
          : 'metric',
      subject: metric.feature,
      value: metric.value,
      expected: metric.expected,
      unit: metric.unit,
      strength: metric.strength * (SYMPTOMS.test(metric.feature) ? SYMPTOM : FULL),
      text: `${metric.feature} is ${round(metric.value)} ${metric.unit}, normally ${round(metric.expected)} ${metric.unit}`.replaceAll(
        / (?=,|$)/g,
        '',
      ),
    }))
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)))
}
