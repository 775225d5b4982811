import { adf, adfVariable, dashboard, own, prom, promVariable, rows, series } from './parts.ts'

const of = 'stream=~"$stream"'

export const streams = dashboard(
  'adf-streams',
  'ADF streams',
  'Streams of events, such as server metrics, transactions and sensors: what arrives, what is scored, what is anomalous',
)
  .withVariable(promVariable('stream', 'Stream', 'label_values(adf_anomaly_threshold, stream)'))
  .withVariable(adfVariable('one', 'Stream of the tables', 'streams'))
  .withVariable(adfVariable('entity', 'Entity', 'entities', '$one'))
  .withPanel(
    series(
      'Events',
      [
        prom(
          'sum by (stream, outcome) (rate(adf_receiver_events_total[$__rate_interval]))',
          '{{stream}} {{outcome}}',
        ),
      ],
      { unit: 'cps' },
    ),
  )
  .withPanel(
    series(
      'Anomalies',
      [
        prom(
          `sum by (stream, type) (rate(adf_anomalies_detected_total{${of}}[$__rate_interval]))`,
          '{{stream}} {{type}}',
        ),
      ],
      { unit: 'cps' },
    ),
  )
  .withPanel(
    series('Severity', [
      prom(`max by (stream, entity) (adf_anomaly_severity{${of}})`, '{{entity}} ({{stream}})'),
    ]),
  )
  .withPanel(
    series('Threshold', [
      prom(`max by (stream, entity) (adf_anomaly_threshold{${of}})`, '{{entity}} ({{stream}})'),
    ]),
  )
  .withPanel(
    series('Scores of $entity', [adf({ kind: 'scores', stream: '$one', entity: '$entity' })], { span: 24 }),
  )
  .withPanel(
    own('adf-threshold-panel', 'Threshold of $entity', [], {
      span: 24,
      height: 16,
      options: { stream: '$one', entity: '$entity' },
    }),
  )
  .withPanel(rows('Entities', { kind: 'entities', stream: '$one' }))
  .withPanel(rows('Thresholds', { kind: 'thresholds', stream: '$one' }))
