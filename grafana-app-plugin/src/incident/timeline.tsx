import type { IncidentExport, TimelineEntry } from '@adf/contract'
import { css, cx } from '@emotion/css'
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data'
import { useStyles2 } from '@grafana/ui'
import { Panel } from '../charts/panel.tsx'
import { clock } from '../text/format.ts'
import { shortName } from '../text/names.ts'
import { say } from '../text/say.ts'
import { entryKind } from '../text/words.ts'
import { type Lane, timelineOf } from './lanes.ts'

const TICKS = 5

/** What happened when: one line for each service, one axis for all; below, the same as a list. */
export function IncidentTimeline({ of, now }: { of: IncidentExport; now: number }) {
  const styles = useStyles2(stylesOf)
  const { from, to, lanes } = timelineOf(of, now)
  const at = (ms: number) => `${(100 * (ms - from)) / (to - from)}%`
  const ticks = Array.from({ length: TICKS }, (_, index) => from + ((index + 0.5) / TICKS) * (to - from))
  return (
    <Panel title={say('timeline.title', 'Timeline')}>
      <div className={styles.chart} aria-hidden>
        {lanes.map((lane) => (
          <LaneRow key={lane.subject ?? ''} lane={lane} at={at} onset={Date.parse(of.incident.started_at)} />
        ))}
        <div className={styles.name} />
        <div className={styles.axis}>
          {ticks.map((tick) => (
            <span key={tick} className={styles.tick} style={{ left: at(tick) }}>
              {dateTimeFormat(tick, { format: 'HH:mm:ss' })}
            </span>
          ))}
        </div>
      </div>
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

function LaneRow({ lane, at, onset }: { lane: Lane; at: (ms: number) => string; onset: number }) {
  const styles = useStyles2(stylesOf)
  return (
    <>
      <div className={styles.name} title={lane.subject ?? undefined}>
        {lane.subject === null ? say('timeline.incident', 'incident') : shortName(lane.subject)}
      </div>
      <div className={styles.lane}>
        <div className={styles.onset} style={{ left: at(onset) }} />
        {lane.spans.map(({ from, to }) => (
          <div
            key={from}
            className={styles.span}
            style={{ left: at(from), width: `max(4px, calc(${at(to)} - ${at(from)}))` }}
          />
        ))}
        {lane.marks.map((mark) => (
          <span
            key={`${mark.at} ${mark.kind} ${mark.text}`}
            className={cx(styles.mark, styles[toneOf(mark.kind)])}
            style={{ left: at(mark.at) }}
            title={mark.text}
          >
            {SIGN[mark.kind]}
          </span>
        ))}
      </div>
    </>
  )
}

/** Shape as well as colour. */
const SIGN: Readonly<Record<TimelineEntry['kind'], string>> = {
  change: '▲',
  anomaly: '●',
  opened: '⚑',
  cause: '◎',
  alert: '◆',
  merged: '⇥',
  split: '⇤',
  verdict: '✓',
  resolved: '■',
}

const toneOf = (kind: TimelineEntry['kind']): 'bad' | 'info' =>
  kind === 'anomaly' || kind === 'opened' ? 'bad' : 'info'

const stylesOf = (theme: GrafanaTheme2) => ({
  chart: css({
    display: 'grid',
    gridTemplateColumns: 'minmax(80px, 160px) 1fr',
    rowGap: theme.spacing(0.5),
    marginBottom: theme.spacing(1),
  }),
  name: css({
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    paddingRight: theme.spacing(1),
  }),
  lane: css({
    position: 'relative',
    height: 20,
    background: theme.colors.background.secondary,
    borderRadius: theme.shape.radius.default,
  }),
  onset: css({
    position: 'absolute',
    top: 0,
    bottom: 0,
    borderLeft: `1px dashed ${theme.colors.text.secondary}`,
  }),
  span: css({
    position: 'absolute',
    top: 6,
    height: 8,
    borderRadius: 2,
    background: theme.visualization.getColorByName('orange'),
  }),
  mark: css({
    position: 'absolute',
    top: 0,
    lineHeight: '20px',
    transform: 'translateX(-50%)',
    cursor: 'default',
  }),
  bad: css({ color: theme.visualization.getColorByName('red') }),
  info: css({ color: theme.colors.text.link }),
  axis: css({ position: 'relative', height: 18 }),
  tick: css({
    position: 'absolute',
    transform: 'translateX(-50%)',
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.secondary,
  }),
  table: css({
    width: '100%',
    overflowWrap: 'anywhere',
    'th, td': { padding: theme.spacing(0.5, 1, 0.5, 0), verticalAlign: 'top' },
  }),
})
