import { dashboard, number, prom, promVariable, rows, series } from './parts.ts'

const of = 'service=~"$service"'

export const slo = dashboard(
  'adf-slo',
  'ADF objectives',
  'Service-level objectives: what is left of each error budget, and how fast it burns',
)
  .withVariable(promVariable('service', 'Service', 'label_values(adf_slo_objective_ratio, service)'))
  .withPanel(number('Objectives', 'count(adf_slo_objective_ratio)'))
  .withPanel(number('Least budget left', 'min(adf_slo_budget_left_ratio)', { unit: 'percentunit', span: 5 }))
  .withPanel(number('Fastest burn, 1 h', 'max(adf_slo_burn_rate{window="1h"})', { span: 5 }))
  .withPanel(number('Requests counted', 'sum(adf_slo_requests_total)', { span: 5 }))
  .withPanel(
    number('Of them bad', 'sum(adf_slo_requests_total) - sum(adf_slo_good_requests_total)', { span: 5 }),
  )
  .withPanel(rows('Objectives', { kind: 'objectives' }))
  .withPanel(
    series('Budget left', [prom(`adf_slo_budget_left_ratio{${of}}`, '{{slo}} {{service}}')], {
      unit: 'percentunit',
    }),
  )
  .withPanel(series('Burn rate, 1 h', [prom(`adf_slo_burn_rate{window="1h",${of}}`, '{{slo}} {{service}}')]))
  .withPanel(series('Burn rate, 6 h', [prom(`adf_slo_burn_rate{window="6h",${of}}`, '{{slo}} {{service}}')]))
  .withPanel(
    series(
      'Requests',
      [prom(`sum by (service) (rate(adf_slo_requests_total{${of}}[$__rate_interval]))`, '{{service}}')],
      { unit: 'reqps' },
    ),
  )
