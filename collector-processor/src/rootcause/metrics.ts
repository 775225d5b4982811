import type { MetricEvidence } from './evidence.ts'
import type { Finding } from './finding.ts'
import { FULL } from './scale.ts'

/** What every caller of a slow or failing service shows too: symptoms, which say little about where it began. */
const SYMPTOMS = /latency|^error_rate$|^request_rate$/i
/** What a symptom of full strength is worth: enough to begin a walk, not to end one. */
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
