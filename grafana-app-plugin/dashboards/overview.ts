import { counted, dashboard, graph, number, own, prom, rows, series } from './parts.ts'

export const overview = dashboard(
  'adf-overview',
  'ADF overview',
  'What is wrong now, where it began, and how good the alerts are',
)
  .withPanel(counted('Open incidents', { kind: 'numbers' }, 'open incidents'))
  .withPanel(counted('Anomalies, last hour', { kind: 'numbers' }, 'anomalies of the last hour'))
  .withPanel(number('Entities scored', 'sum(adf_scored_entities)'))
  .withPanel(
    number('First cause was right', 'max(adf_rca_accuracy)', {
      unit: 'percentunit',
      description: 'Share of the incidents with a verdict whose first-ranked cause the operator confirmed',
    }),
  )
  .withPanel(
    counted('Useful', { kind: 'numbers' }, 'useful', {
      description: 'Incidents that operators found useful',
    }),
  )
  .withPanel(
    counted('Noise', { kind: 'numbers' }, 'noise', {
      description: 'Incidents that operators found to be noise',
    }),
  )
  .withPanel(rows('Incidents', { kind: 'incidents' }, { height: 7 }))
  .withPanel(
    own('adf-graph-panel', 'Causal graph', [{ kind: 'graph' }, { kind: 'incidents', state: 'open' }]),
  )
  .withPanel(own('adf-timeline-panel', 'Anomalies', [{ kind: 'anomalies' }]))
  .withPanel(
    series(
      'Severity against threshold',
      [
        prom(
          'topk(10, max by (stream, entity) (adf_anomaly_severity / adf_anomaly_threshold))',
          '{{entity}} ({{stream}})',
        ),
      ],
      { description: 'Above 1 a vector is anomalous. The ten largest.' },
    ),
  )
  .withPanel(
    series(
      'Anomalies by stream and type',
      [
        prom(
          'sum by (stream, type) (rate(adf_anomalies_detected_total[$__rate_interval]))',
          '{{stream}} {{type}}',
        ),
      ],
      { unit: 'cps' },
    ),
  )
  .withPanel(
    series(
      'Time to detect',
      [
        prom(
          'histogram_quantile(0.5, sum by (le) (rate(adf_detection_latency_seconds_bucket[$__range])))',
          'median',
        ),
        prom(
          'histogram_quantile(0.99, sum by (le) (rate(adf_detection_latency_seconds_bucket[$__range])))',
          '99 of 100',
        ),
      ],
      {
        unit: 's',
        description: 'From the arrival of the last sample of a vector to the publication of its anomaly',
      },
    ),
  )
  .withPanel(graph("The same graph in Grafana's node graph", { kind: 'graph' }, { height: 8 }))
