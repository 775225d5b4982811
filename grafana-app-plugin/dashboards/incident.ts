import { adfVariable, dashboard, own, prom, rows, series } from './parts.ts'

export const incident = dashboard(
  'adf-incident',
  'ADF incident',
  'One incident: its causes, what speaks for them, what happened when, and the services around them',
)
  .withVariable(adfVariable('incident', 'Incident', 'incidents'))
  .withVariable(adfVariable('service', 'Service', 'services'))
  .withPanel(
    own('adf-causes-panel', 'Root causes', [{ kind: 'causes', incident: '$incident' }], { span: 10 }),
  )
  .withPanel(
    own('adf-timeline-panel', 'Timeline', [{ kind: 'timeline', incident: '$incident' }], { span: 14 }),
  )
  .withPanel(rows('Evidence', { kind: 'causes', incident: '$incident' }, { frame: 1 }))
  .withPanel(rows('Anomalies', { kind: 'anomalies', incident: '$incident' }))
  .withPanel(
    own(
      'adf-graph-panel',
      'Around $service',
      [
        { kind: 'graph', service: '$service' },
        { kind: 'incidents', state: 'open' },
      ],
      { span: 24, options: { focus: '$service' } },
    ),
  )
  .withPanel(
    series(
      'Latency of calls (p95)',
      [
        prom(
          'histogram_quantile(0.95, sum by (le, client, server) (rate(traces_service_graph_request_server_seconds_bucket[$__rate_interval])))',
          '{{client}} → {{server}}',
        ),
      ],
      { unit: 's' },
    ),
  )
  .withPanel(
    series(
      'Calls that fail',
      [
        prom(
          'sum by (client, server) (rate(traces_service_graph_request_failed_total[$__rate_interval])) / sum by (client, server) (rate(traces_service_graph_request_total[$__rate_interval]))',
          '{{client}} → {{server}}',
        ),
      ],
      { unit: 'percentunit', max: 1 },
    ),
  )
