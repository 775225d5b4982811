import type { Status } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Icon, useStyles2 } from '@grafana/ui'
import { Panel } from '../charts/panel.tsx'
import { say } from '../text/say.ts'

const COLLECTOR = `exporters:
  otlp_grpc/adf:             # named otlp/adf in older collectors
    endpoint: ADF-HOST:4317
    tls: { insecure: true }

service:
  pipelines:
    traces:  { exporters: [your-backend, otlp_grpc/adf] }
    metrics: { exporters: [your-backend, otlp_grpc/adf] }
    logs:    { exporters: [your-backend, otlp_grpc/adf] }
`

/** For the one who installs ADF: what has come so far, what is missing, and how to get it. Ticks itself off as things arrive. */
export function Guide({ status }: { status: Status }) {
  const styles = useStyles2(stylesOf)
  const { telemetry, entities, deliveries } = status
  const steps: readonly [boolean, string][] = [
    [
      telemetry.spans.count > 0,
      say('guide.spans', 'Spans arrive: they give the causal graph and most of the evidence'),
    ],
    [telemetry.metrics.count > 0, say('guide.metrics', 'Metrics arrive: hosts are watched too')],
    [telemetry.logs.count > 0, say('guide.logs', 'Logs arrive: new and missing messages become evidence')],
    [
      entities.scored > 0,
      entities.total === 0
        ? say('guide.none-scored', 'Something is scored (a service after about four minutes of telemetry)')
        : say('guide.scored', 'Something is scored: {{scored}} of {{total}} so far', {
            scored: entities.scored,
            total: entities.total,
          }),
    ],
    [
      deliveries.some(({ reachable }) => reachable === true),
      deliveries.length === 0
        ? say('guide.no-alertmanager', 'Alerts go somewhere: set deliver.alertmanager.urls')
        : say('guide.alertmanager', 'An Alertmanager took a request'),
    ],
  ]
  return (
    <Panel title={say('guide.title', 'Getting started')}>
      <ul className={styles.steps}>
        {steps.map(([done, text]) => (
          <li key={text}>
            <Icon
              name={done ? 'check-circle' : 'circle'}
              title={done ? say('guide.done', 'done') : say('guide.open', 'not yet')}
            />{' '}
            {text}
          </li>
        ))}
      </ul>
      {telemetry.spans.count > 0 ? null : (
        <>
          <p>
            {say(
              'guide.collector',
              'No spans yet: give your OpenTelemetry Collector a second exporter, like so.',
            )}
          </p>
          <pre>{COLLECTOR}</pre>
        </>
      )}
    </Panel>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  steps: css({ listStyle: 'none', '& > li': { padding: theme.spacing(0.5, 0) } }),
})
