import type { TimelineEntry } from '@adf/contract'
import { css, cx } from '@emotion/css'
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data'
import { useStyles2 } from '@grafana/ui'
import { shortName } from '../text/names.ts'
import { say } from '../text/say.ts'
import type { Lane } from './lanes.ts'

const TICKS = 5

interface Props {
  readonly lanes: readonly Lane[]
  /** Unix milliseconds. */
  readonly from: number
  readonly to: number
  /** When it began; marked on each line. */
  readonly onset?: number
}

/** A line for each subject, one axis of time for all. What it says must also be said in words beside it. */
export function LaneChart({ lanes, from, to, onset }: Props) {
  const styles = useStyles2(stylesOf)
  const at = (ms: number) => `${(100 * (ms - from)) / (to - from)}%`
  const ticks = Array.from({ length: TICKS }, (_, index) => from + ((index + 0.5) / TICKS) * (to - from))
  return (
    <div className={styles.chart} aria-hidden>
      {lanes.map((lane) => (
        <LaneRow key={lane.subject ?? ''} lane={lane} at={at} onset={onset} />
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
  )
}

function LaneRow({ lane, at, onset }: { lane: Lane; at: (ms: number) => string; onset: number | undefined }) {
  const styles = useStyles2(stylesOf)
  return (
    <>
      <div className={styles.name} title={lane.subject ?? undefined}>
        {lane.subject === null ? say('timeline.incident', 'incident') : shortName(lane.subject)}
      </div>
      <div className={styles.lane}>
        {onset === undefined ? null : <div className={styles.onset} style={{ left: at(onset) }} />}
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
    // Five times have no room on a phone.
    [theme.breakpoints.down('sm')]: { '&:nth-of-type(even)': { display: 'none' } },
  }),
})
