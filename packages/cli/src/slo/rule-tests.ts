import { ALERT_NAME, BURN_ALERTS, type Objective } from '@adf/processor'
import type { RuleFile } from './rules.ts'

/** A minute of requests. */
const REQUESTS = 6000
/** How many times too fast the budget burns in the tests, where the objective can. */
const BURN = 20
const MINUTES = 60

/**
 * A file for `promtool test rules`: of each objective, that every alert fires while its budget burns twenty times too
 * fast (or as fast as it can), and none without failures.
 */
export function ruleTestsOf(objectives: readonly Objective[], rules: RuleFile, ruleFile: string) {
  return {
    rule_files: [ruleFile],
    evaluation_interval: '1m',
    tests: objectives.flatMap((objective, at) => {
      const alerts = rules.groups[at]?.rules.filter(({ alert }) => alert === ALERT_NAME) ?? []
      const burn = Math.min(BURN, 1 / (1 - objective.target))
      return [
        caseOf(objective, 0, []),
        caseOf(
          objective,
          burn,
          alerts.filter((_, index) => (BURN_ALERTS[index]?.factor ?? burn) < burn),
        ),
      ]
    }),
  }
}

function caseOf(
  { name, service, target }: Objective,
  burn: number,
  firing: readonly RuleFile['groups'][number]['rules'][number][],
) {
  const series = (metric: string, each: number) => ({
    series: `${metric}{slo=${JSON.stringify(name)}, service=${JSON.stringify(service)}}`,
    values: `0+${each}x${MINUTES}`,
  })
  return {
    name: `${service} ${name} at a burn rate of ${burn}`,
    interval: '1m',
    input_series: [
      series('adf_slo_requests_total', REQUESTS),
      series('adf_slo_good_requests_total', REQUESTS * (1 - burn * (1 - target))),
    ],
    alert_rule_test: [
      {
        eval_time: `${MINUTES}m`,
        alertname: ALERT_NAME,
        exp_alerts: firing.map(({ labels, annotations = {} }) => ({
          exp_labels: { ...labels, service },
          exp_annotations: Object.fromEntries(
            Object.entries(annotations).map(([key, text]) => [key, rendered(text, burn)]),
          ),
        })),
      },
    ],
  }
}

const rendered = (text: string, value: number) =>
  text.replace('{{ $value | printf "%.1f" }}', value.toFixed(1)).replaceAll('{{ "{{" }}', '{{')
