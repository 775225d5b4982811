import type { IncidentExport } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { useStyles2 } from '@grafana/ui'
import { Panel } from '../charts/panel.tsx'
import { clock } from '../text/format.ts'
import { say } from '../text/say.ts'
import { entryKind } from '../text/words.ts'
import { LaneChart } from './lane-chart.tsx'
import { timelineOf } from './lanes.ts'

/** What happened when: one line for each service, one axis for all; below, the same as a list. */
export function IncidentTimeline({ of, now }: { of: IncidentExport; now: number }) {
  const styles = useStyles2(stylesOf)
  const { from, to, lanes } = timelineOf(of, now)
  return (
    <Panel title={say('timeline.title', 'Timeline')}>
      <LaneChart lanes={lanes} from={from} to={to} onset={Date.parse(of.incident.started_at)} />
      <details>
        <summary>
          {say('timeline.list', 'All {{count}} entries as a list', { count: of.timeline.length })}
        </summary>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{say('timeline.time', 'Time')}</th>
              <th scope="col">{say('timeline.what', 'What')}</th>
              <th scope="col">{say('timeline.text', 'In words')}</th>
            </tr>
          </thead>
          <tbody>
            {of.timeline.map((entry) => (
              <tr key={`${entry.at} ${entry.kind} ${entry.subject} ${entry.text}`}>
                <td>{clock(entry.at, now)}</td>
                <td>{entryKind(entry.kind)}</td>
                <td>{entry.text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </Panel>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  table: css({
    width: '100%',
    overflowWrap: 'anywhere',
    'th, td': { padding: theme.spacing(0.5, 1, 0.5, 0), verticalAlign: 'top' },
  }),
})
