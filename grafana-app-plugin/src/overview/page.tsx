import type { Graph, Status } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { PluginPage } from '@grafana/runtime'
import { Alert, TextLink, useStyles2 } from '@grafana/ui'
import { links } from '../app/links.ts'
import { Panel } from '../charts/panel.tsx'
import { useGraph } from '../data/useGraph.ts'
import { useIncidents } from '../data/useIncidents.ts'
import { useSlo } from '../data/useSlo.ts'
import { useStatus } from '../data/useStatus.ts'
import { IncidentRow } from '../incidents/row.tsx'
import { Answer } from '../states/answer.tsx'
import { useNow } from '../states/use-now.ts'
import { clock } from '../text/format.ts'
import { shortName } from '../text/names.ts'
import { say } from '../text/say.ts'
import { Budgets } from './budgets.tsx'
import { Guide } from './guide.tsx'
import { serviceHealth } from './health.ts'
import { stateLine } from './state-line.ts'
import { Tiles } from './tiles.tsx'

/** Is something wrong, and where: the first page. */
export function OverviewPage() {
  const styles = useStyles2(stylesOf)
  const status = useStatus()
  return (
    <PluginPage pageNav={{ text: say('overview.title', 'Overview') }}>
      <Answer of={status}>
        {(now) => (
          <div className={styles.page}>
            <State status={now} />
            {now.telemetry.spans.count === 0 || now.entities.scored === 0 ? <Guide status={now} /> : null}
            {now.graph.nodes === 0 ? null : <Services open={now.incidents.open} />}
          </div>
        )}
      </Answer>
    </PluginPage>
  )
}

function State({ status }: { status: Status }) {
  const styles = useStyles2(stylesOf)
  const unreachable = status.deliveries.filter(({ reachable }) => reachable === false)
  return (
    <>
      <p className={styles.line}>{stateLine(status)}</p>
      {status.store.writable ? null : (
        <Alert severity="error" title={say('overview.store', 'ADF cannot write its store')}>
          {status.store.last_error}
        </Alert>
      )}
      {unreachable.map(({ name, last_error }) => (
        <Alert
          key={name}
          severity="warning"
          title={say('overview.delivery', '{{name}} does not take alerts', { name })}
        >
          {last_error}
        </Alert>
      ))}
    </>
  )
}

function Services({ open: total }: { open: number }) {
  const styles = useStyles2(stylesOf)
  const now = useNow()
  const incidents = useIncidents({ state: 'open', limit: SHOWN })
  const graph = useGraph()
  const slo = useSlo()
  return (
    <>
      <Answer of={incidents}>
        {(open) =>
          open.length === 0 ? null : (
            <Panel
              title={say('overview.open', 'Open incidents')}
              aside={
                total <= open.length ? null : (
                  <TextLink href={links.openIncidents} inline={false}>
                    {say('overview.all-open', 'all {{count}}', { count: total })}
                  </TextLink>
                )
              }
            >
              <ul className={styles.list}>
                {open.map((incident) => (
                  <IncidentRow key={incident.id} incident={incident} now={now} />
                ))}
              </ul>
            </Panel>
          )
        }
      </Answer>
      <Panel title={say('overview.services', 'Services')}>
        <Answer of={graph}>{(read) => <Tiles services={serviceHealth(read, incidents.data)} />}</Answer>
      </Panel>
      <div className={styles.pair}>
        <Panel title={say('overview.budgets', 'Error budgets')}>
          <Answer of={slo}>{(report) => <Budgets report={report} />}</Answer>
        </Panel>
        <Panel title={say('overview.changes', 'Deployed in the last hour')}>
          <Answer of={graph}>{(read) => <Changes graph={read} now={now} />}</Answer>
        </Panel>
      </div>
    </>
  )
}

/** Of the open incidents; more are a page of their own. */
const SHOWN = 50
const HOUR_MS = 3_600_000

function Changes({ graph, now }: { graph: Graph; now: number }) {
  const styles = useStyles2(stylesOf)
  const recent = graph.changes
    .filter(({ at }) => Date.parse(graph.at) - Date.parse(at) < HOUR_MS)
    .toReversed()
  if (recent.length === 0)
    return <p>{say('changes.none', 'No service changed its version, image or configuration.')}</p>
  return (
    <ul className={styles.list}>
      {recent.map((change) => (
        <li key={`${change.at} ${change.service} ${change.attribute}`}>
          {say('changes.entry', '{{time}} {{service}}: {{attribute}} {{from}} → {{to}}', {
            time: clock(change.at, now),
            service: shortName(change.service),
            attribute: change.attribute,
            from: change.from,
            to: change.to,
          })}
        </li>
      ))}
    </ul>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
  line: css({ fontSize: theme.typography.h4.fontSize, margin: 0 }),
  list: css({ listStyle: 'none', margin: 0, overflowWrap: 'anywhere' }),
  pair: css({
    display: 'grid',
    gridTemplateColumns: 'repeat(2, minmax(0, 1fr))',
    gap: theme.spacing(2),
    [theme.breakpoints.down('lg')]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  }),
})
