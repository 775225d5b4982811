import type { MetricEvidence } from './evidence.ts'
import type { Finding } from './finding.ts'
import { FULL } from './scale.ts'

/** What every caller of a slow or failing service shows too: symptoms, which say little about where it began. */
const SYMPTOMS = /latency|^error_rate$|^request_rate$/i
/** Whoever is asked for less also logs less. */
const isSymptom = ({ feature, value, expected }: MetricEvidence) =>
  SYMPTOMS.test(feature) || (feature === 'log_rate' && value < expected)
/** What a symptom of full strength is worth: enough to begin a walk, not to end one. */
const SYMPTOM = 3

/** Anomalies of features as findings against their service. */
export function metricFindings(metrics: readonly MetricEvidence[]): Finding[] {
  return metrics
    .filter((metric) => metric.strength > 0)
    .map((metric) => ({
      service: metric.service,
      place: placeOf(metric),
      kind: metric.feature.startsWith('log_')
        ? 'log'
        : metric.feature === 'request_rate'
          ? 'request_rate'
          : 'metric',
      subject: metric.feature,
      value: metric.value,
      expected: Number.isNaN(metric.expected) ? null : metric.expected,
      unit: metric.unit,
      strength: metric.strength * (isSymptom(metric) ? SYMPTOM : FULL),
      effect: undefined,
      sinceMs: metric.sinceMs,
      text: textOf(metric),
    }))
}

function placeOf(metric: MetricEvidence): Finding['place'] {
  if (isSymptom(metric)) return undefined
  return metric.feature.startsWith('log_') ? 'service' : 'host'
}

/** What a fixed limit found has no normal value to be compared with. */
export function textOf({ feature, value, expected, unit }: Omit<MetricEvidence, 'service'>): string {
  // '1' is UCUM for a plain share.
  const shown = unit === '1' ? '' : unit
  const known = Number.isNaN(expected) ? ', over its limit' : `, normally ${round(expected)} ${shown}`
  return `${feature} is ${round(value)} ${shown}${known}`.replaceAll(/ (?=,|$)/g, '')
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)))
}
