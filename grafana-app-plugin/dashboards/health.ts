import { dashboard, number, prom, row, series } from './parts.ts'

const or0 = (expr: string) => `${expr} or vector(0)`
const rate = (by: string, metric: string) => `sum by (${by}) (rate(${metric}[$__rate_interval]))`

export const health = dashboard(
  'adf-health',
  "ADF's own health",
  'Is ADF itself well: what arrives, what is left out, what it costs',
)
  .withPanel(number('Processors up', 'count(adf_scored_entities)'))
  .withPanel(number('Spans', 'sum(rate(adf_receiver_spans_total[$__rate_interval]))', { unit: 'cps' }))
  .withPanel(number('Findings lost', or0('sum(adf_store_lost_total)')))
  .withPanel(number('Rankings failed', or0('sum(adf_rca_failures_total)')))
  .withPanel(number('Alerts dropped', or0('sum(adf_alertmanager_dropped_alerts_total)')))
  .withPanel(number('Writes waiting', 'sum(adf_store_waiting_writes)'))
  .withRow(row('What arrives'))
  .withPanel(
    series(
      'Records',
      [
        prom(rate('outcome', 'adf_receiver_spans_total'), 'spans {{outcome}}'),
        prom(rate('outcome', 'adf_receiver_points_total'), 'points {{outcome}}'),
        prom(rate('outcome', 'adf_receiver_log_records_total'), 'log records {{outcome}}'),
      ],
      { unit: 'cps' },
    ),
  )
  .withPanel(
    series(
      'Left out',
      [
        prom(or0(rate('signal, reason', 'adf_feature_late_total')), 'late {{signal}} {{reason}}'),
        prom(or0(rate('reason', 'adf_feature_points_ignored_total')), 'points {{reason}}'),
        prom(or0(rate('reason', 'adf_graph_dropped_total')), 'graph {{reason}}'),
        prom(or0(rate('reason', 'adf_vectors_skipped_total')), 'vectors {{reason}}'),
      ],
      { unit: 'cps' },
    ),
  )
  .withPanel(
    series('Bytes in flight', [prom('sum by (instance) (adf_receiver_in_flight_bytes)', '{{instance}}')], {
      unit: 'bytes',
    }),
  )
  .withPanel(
    series(
      'Forwarded',
      [
        prom(or0(rate('endpoint', 'adf_forward_sent_requests_total')), 'sent {{endpoint}}'),
        prom(or0(rate('endpoint', 'adf_forward_dropped_requests_total')), 'dropped {{endpoint}}'),
      ],
      { unit: 'reqps' },
    ),
  )
  .withRow(row('What it holds'))
  .withPanel(series('Causal graph', [prom('sum by (what) (adf_graph_size)', '{{what}}')]))
  .withPanel(
    series('Entities', [
      prom('sum by (instance) (adf_scored_entities)', 'scored by {{instance}}'),
      prom('sum(rate(adf_vectors_scored_total[$__rate_interval]))', 'vectors a second'),
    ]),
  )
  .withPanel(
    series(
      'Training',
      [prom(or0(rate('kind, outcome', 'adf_training_jobs_total')), '{{kind}} {{outcome}}')],
      { unit: 'cps' },
    ),
  )
  .withPanel(
    series('API', [prom(rate('route, status', 'adf_api_requests_total'), '{{route}} {{status}}')], {
      unit: 'reqps',
    }),
  )
  .withRow(row('What it costs'))
  .withPanel(
    series(
      'Processor time',
      [prom('rate(process_cpu_seconds_total{job=~"adf.*"}[$__rate_interval])', '{{job}} {{instance}}')],
      { unit: 'percentunit' },
    ),
  )
  .withPanel(
    series('Memory', [prom('process_resident_memory_bytes{job=~"adf.*"}', '{{job}} {{instance}}')], {
      unit: 'bytes',
    }),
  )
  .withPanel(
    series('Event loop', [prom('nodejs_eventloop_lag_p99_seconds{job=~"adf.*"}', '{{job}} {{instance}}')], {
      unit: 's',
    }),
  )
  .withPanel(
    series(
      'API answers in (p99)',
      [
        prom(
          'histogram_quantile(0.99, sum by (le) (rate(adf_api_request_duration_seconds_bucket[$__rate_interval])))',
          'p99',
        ),
      ],
      { unit: 's' },
    ),
  )
  .withRow(row('Alerts and the tuner'))
  .withPanel(
    series(
      'Notifications of Alertmanager',
      [prom(rate('outcome', 'adf_webhook_notifications_total'), '{{outcome}}')],
      { unit: 'cps' },
    ),
  )
  .withPanel(series('Alerts that fire', [prom('sum(adf_webhook_alerts_firing)', 'firing')]))
  .withPanel(
    series(
      'Verdicts',
      [
        prom(rate('channel, verdict', 'adf_feedback_verdicts_total'), 'webhook: {{channel}} {{verdict}}'),
        prom(rate('target, verdict', 'adf_verdicts_total'), 'processor: {{target}} {{verdict}}'),
      ],
      { unit: 'cps', description: 'The processor counts those that the webhook passes on as well' },
    ),
  )
  .withPanel(
    series("The tuner's steps", [
      prom(or0(rate('outcome, action', 'adf_tuner_steps_total')), '{{action}} {{outcome}}'),
      prom('sum(adf_tuner_entities)', 'entities looked at'),
    ]),
  )
