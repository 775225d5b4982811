import { ALERT_NAME, BURN_ALERTS, BURN_WINDOWS, demandText, type Objective } from '@adf/processor'

interface Rule {
  readonly record?: string
  readonly alert?: string
  readonly expr: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** A file of Prometheus rules. */
export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[]
}

const REQUESTS = 'adf_slo_requests_total'
const GOOD = 'adf_slo_good_requests_total'

/** Name of the recorded burn rate over a window; its labels are `slo` and `service`. */
const burnRateMetric = (window: string): string => `slo_service:adf_slo_burn:rate${window}`
const BUDGET_METRIC = 'slo_service:adf_slo_budget_left:ratio'

/**
 * Recording and alerting rules over the counters that ADF exports: the same windows, factors and labels as its own alerts.
 *
 * increase() extends what it saw to the ends of its window. Both counters are of one exposition, so they are seen, and reset,
 * at the same moments, and are extended by the same factor: it cancels in their ratio. The one exception is Prometheus'
 * rule that a counter is not extended below zero; it can differ between the two in the first window after a start of
 * ADF, by less than half a scrape interval of the window.
 */
export function rulesOf(objectives: readonly Objective[]): RuleFile {
  return {
    groups: objectives.map((objective) => ({
      name: `adf-slo-${objective.service}-${objective.name}`,
      rules: [...recorded(objective), ...alerts(objective)],
    })),
  }
}

function recorded(objective: Objective): Rule[] {
  const { period } = objective
  const labels = labelsOf(objective)
  const days = period.kind === 'rolling' ? `${period.days}d` : undefined
  const windows = [...new Set([...BURN_WINDOWS, ...(days === undefined ? [] : [days])])]
  const rates = windows.map((window) => ({
    record: burnRateMetric(window),
    expr: burnRate(objective, window),
    labels,
  }))
  // Prometheus has no windows that begin with a month.
  if (days === undefined) return rates
  return [...rates, { record: BUDGET_METRIC, expr: `1 - ${burnRateMetric(days)}${selector(labels)}`, labels }]
}

function burnRate(objective: Objective, window: string): string {
  const increase = (metric: string) => `sum(increase(${metric}${selector(labelsOf(objective))}[${window}]))`
  return `clamp_min(1 - ${increase(GOOD)} / ${increase(REQUESTS)}, 0) / (1 - ${objective.target})`
}

function alerts(objective: Objective): Rule[] {
  const chosen = selector(labelsOf(objective))
  return BURN_ALERTS.map(({ severity, long, short, factor }) => ({
    alert: ALERT_NAME,
    expr: `${burnRateMetric(long)}${chosen} > ${factor} and ${burnRateMetric(short)}${chosen} > ${factor}`,
    // Those of the series once more: promtool takes rules without them for repetitions.
    labels: { slo: objective.name, service: literal(objective.service), severity, window: long },
    annotations: {
      summary: `${literal(objective.service)} burns its error budget {{ $value | printf "%.1f" }} times too fast over ${long} and ${short}`,
      description: literal(demandText(objective)),
    },
  }))
}

const labelsOf = ({ name, service }: Objective) => ({ slo: name, service })

const selector = (labels: Readonly<Record<string, string>>) =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(', ')}}`

/** Text within a template of Prometheus. */
const literal = (text: string) => text.replaceAll('{{', '{{ "{{" }}')
