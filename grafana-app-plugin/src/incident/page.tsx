import type { IncidentExport } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { PluginPage } from '@grafana/runtime'
import { Badge, Button, useStyles2 } from '@grafana/ui'
import { useState } from 'react'
import { useParams } from 'react-router'
import { links } from '../app/links.ts'
import { useIncident } from '../data/useIncident.ts'
import { useReport } from '../data/useReport.ts'
import { Answer } from '../states/answer.tsx'
import { Trouble } from '../states/trouble.tsx'
import { useNow } from '../states/use-now.ts'
import { duration } from '../text/duration.ts'
import { shortId } from '../text/names.ts'
import { say } from '../text/say.ts'
import { CauseCharts } from './cause-charts.tsx'
import { Causes } from './causes.tsx'
import { EvidenceTabs } from './evidence.tsx'
import { Feedback } from './feedback.tsx'
import { Path } from './path.tsx'
import { Statement } from './statement.tsx'
import { IncidentTimeline } from './timeline.tsx'

/** One incident: what is wrong, where it began, why we think so, what it touches, and the two buttons. */
export function IncidentPage() {
  const { id = '' } = useParams()
  const incident = useIncident(id)
  const data = incident.data?.incident
  return (
    <PluginPage
      pageNav={{
        text: say('incident.title', 'Incident {{id}}', { id: shortId(id) }),
        parentItem: { text: say('incidents.title', 'Incidents'), url: links.incidents },
      }}
      subTitle={data === undefined ? null : <State incident={data} />}
      actions={data === undefined ? null : <CopyReport id={id} />}
    >
      <Answer of={incident}>{(of) => <Body of={of} />}</Answer>
    </PluginPage>
  )
}

function State({ incident }: Pick<IncidentExport, 'incident'>) {
  const now = useNow()
  const started = Date.parse(incident.started_at)
  if (incident.state === 'merged')
    return <Badge color="blue" text={say('incident.state-merged', 'part of another')} />
  if (incident.resolved_at !== null)
    return (
      <Badge
        color="green"
        icon="check"
        text={say('incident.state-resolved', 'over, it took {{duration}}', {
          duration: duration(Date.parse(incident.resolved_at) - started),
        })}
      />
    )
  return (
    <Badge
      color="red"
      icon="exclamation-circle"
      text={say('incident.state-open', 'open for {{duration}}', { duration: duration(now - started) })}
    />
  )
}

function Body({ of }: { of: IncidentExport }) {
  const styles = useStyles2(stylesOf)
  const now = useNow()
  const { incident } = of
  // The graph of an incident that is over is the one of its time.
  const at = incident.resolved_at === null ? undefined : incident.updated_at
  return (
    <div className={styles.page}>
      <Statement incident={incident} now={now} />
      {incident.merged_into === null ? <Feedback key={incident.id} incident={incident} /> : null}
      <div className={styles.middle}>
        <div className={styles.wide}>
          <Path incident={incident} at={at} />
          <IncidentTimeline of={of} now={now} />
        </div>
        <Causes
          incident={of.incident}
          now={now}
          charts={(service) => <CauseCharts anomalies={of.anomalies} service={service} />}
        />
        <div className={styles.evidence}>
          <EvidenceTabs of={of} now={now} />
        </div>
      </div>
    </div>
  )
}

/** The post-mortem in the clipboard; where the browser gives none, or ADF no report, it is said. */
function CopyReport({ id }: { id: string }) {
  const report = useReport()
  const [copied, setCopied] = useState<'no' | 'yes' | 'refused'>('no')
  const copy = async () => {
    setCopied('no')
    const text = await report.mutateAsync(id).catch(() => undefined)
    if (text === undefined) return
    await navigator.clipboard.writeText(text).then(
      () => setCopied('yes'),
      () => setCopied('refused'),
    )
  }
  return (
    <>
      <span role="status">
        {copied === 'yes' ? say('report.copied', 'Copied.') : null}
        {copied === 'refused' ? say('report.refused', 'The browser did not allow copying.') : null}
      </span>
      <Button variant="secondary" icon="copy" disabled={report.isPending} onClick={copy}>
        {say('report.copy', 'Copy as Markdown')}
      </Button>
      {report.error === null ? null : <Trouble error={report.error} />}
    </>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
  middle: css({
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 3fr) minmax(0, 2fr)',
    gap: theme.spacing(2),
    alignItems: 'start',
    // On a phone the causes come before the drawing.
    [theme.breakpoints.down('lg')]: { gridTemplateColumns: 'minmax(0, 1fr)', '& > section': { order: -1 } },
    // Where there is room for its tables beside the causes, it stands there.
    [theme.breakpoints.up('xl')]: { gridTemplateRows: 'auto 1fr', '& > section': { gridRow: 'span 2' } },
  }),
  evidence: css({
    minWidth: 0,
    gridColumn: '1 / -1',
    [theme.breakpoints.up('xl')]: { gridColumn: 1 },
  }),
  wide: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2), minWidth: 0 }),
})
