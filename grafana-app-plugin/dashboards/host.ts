import { anomalyMarks, dashboard, own, prom, promVariable, rows, series } from './parts.ts'

/** Metrics of the node exporter; what it calls nodename is the host.name of OpenTelemetry. */
const of = 'instance=~"$instance"'

export const host = dashboard(
  'adf-host',
  'ADF host',
  'A host as the node exporter sees it, with the anomalies that ADF found on it',
)
  .withVariable(promVariable('host', 'Host', 'label_values(node_uname_info, nodename)', false))
  .withVariable(
    promVariable('instance', 'Instance', 'label_values(node_uname_info{nodename="$host"}, instance)', false),
  )
  .annotation(anomalyMarks('host', '$host'))
  .withPanel(
    series(
      'CPU',
      [
        prom(
          `1 - avg by (instance) (rate(node_cpu_seconds_total{mode=~"idle|iowait",${of}}[$__rate_interval]))`,
          'used',
        ),
      ],
      { unit: 'percentunit', max: 1 },
    ),
  )
  .withPanel(series('Load', [prom(`node_load1{${of}}`, '1 min'), prom(`node_load5{${of}}`, '5 min')]))
  .withPanel(
    series(
      'Memory',
      [prom(`1 - node_memory_MemAvailable_bytes{${of}} / node_memory_MemTotal_bytes{${of}}`, 'used')],
      { unit: 'percentunit', max: 1 },
    ),
  )
  .withPanel(
    series(
      'Network',
      [
        prom(
          `sum by (instance) (rate(node_network_receive_bytes_total{device!="lo",${of}}[$__rate_interval]))`,
          'in',
        ),
        prom(
          `sum by (instance) (rate(node_network_transmit_bytes_total{device!="lo",${of}}[$__rate_interval]))`,
          'out',
        ),
      ],
      { unit: 'Bps' },
    ),
  )
  .withPanel(
    series('Severity against threshold', [
      prom('adf_anomaly_severity{stream="host",entity="$host"}', 'severity'),
      prom('adf_anomaly_threshold{stream="host",entity="$host"}', 'threshold'),
    ]),
  )
  .withPanel(
    own('adf-timeline-panel', 'Anomalies', [{ kind: 'anomalies', stream: 'host', entity: '$host' }], {
      height: 8,
    }),
  )
  .withPanel(rows('Anomalies of this host', { kind: 'anomalies', stream: 'host', entity: '$host' }))
