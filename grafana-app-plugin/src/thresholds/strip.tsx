import type { ScoreHistory } from '@adf/contract'
import type { WhatIf } from '@adf/contract/feedback'
import { css, cx } from '@emotion/css'
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data'
import { useStyles2 } from '@grafana/ui'
import { say } from '../text/say.ts'
import { pointsOf } from './severities.ts'

/** The largest threshold there is, and the largest severity that is kept. */
const TOP = 2
const POINTS = 480
const TICKS = 7

type Episode = WhatIf['episodes'][number]

interface StripProps {
  readonly history: ScoreHistory
  /** In force. */
  readonly threshold: number
  readonly tried: number
  readonly episodes: readonly Episode[]
}

/** Severities over time, the threshold in force and the one that is tried through them, and above them what was judged. */
export function Strip({ history, threshold, tried, episodes }: StripProps) {
  const styles = useStyles2(stylesOf)
  const points = pointsOf(history, POINTS)
  const from = Date.parse(history.from)
  const length = Math.max(1, history.severities.length) * history.interval_s * 1000
  const at = (ms: number) => `${Math.min(100, Math.max(0, (100 * (ms - from)) / length))}%`
  const y = (severity: number) => 100 - (100 * Math.min(TOP, severity)) / TOP
  const width = 1000 / Math.max(1, points.length)
  const ticks = Array.from({ length: TICKS }, (_, index) => from + ((index + 0.5) / TICKS) * length)
  return (
    <div>
      <div className={styles.marks} aria-hidden>
        {episodes.map((one) => (
          <span
            key={`${one.from} ${one.to}`}
            className={cx(
              styles.mark,
              styles[LOOK[one.verdict ?? 'none'].tone],
              one.would_fire || styles.gone,
            )}
            style={{ left: at(Date.parse(one.from)) }}
            title={titleOf(one)}
          >
            {LOOK[one.verdict ?? 'none'].sign}
          </span>
        ))}
      </div>
      <svg
        className={styles.strip}
        viewBox="0 0 1000 100"
        preserveAspectRatio="none"
        role="img"
        aria-label={say('strip.label', 'Severity over time, with the threshold {{threshold}}', {
          threshold: threshold.toFixed(2),
        })}
      >
        {points.map(({ at: time, severity }, index) =>
          severity === null ? null : (
            <rect
              key={time}
              className={severity >= tried ? styles.over : styles.under}
              x={index * width}
              y={y(severity)}
              width={width}
              height={Math.max(1, 100 - y(severity))}
            />
          ),
        )}
        <line className={styles.inForce} x1={0} x2={1000} y1={y(threshold)} y2={y(threshold)} />
        {tried === threshold ? null : (
          <line className={styles.tried} x1={0} x2={1000} y1={y(tried)} y2={y(tried)} />
        )}
      </svg>
      <div className={styles.axis} aria-hidden>
        {ticks.map((tick) => (
          <span key={tick} className={styles.tick} style={{ left: at(tick) }}>
            {dateTimeFormat(tick, { format: 'MM-DD HH:mm' })}
          </span>
        ))}
      </div>
    </div>
  )
}

/** Shape as well as colour. */
const LOOK = {
  true_positive: { sign: '✓', tone: 'good' },
  false_positive: { sign: '✗', tone: 'bad' },
  missed: { sign: '!', tone: 'bad' },
  none: { sign: '·', tone: 'plain' },
} as const

function titleOf({ from, verdict, severity, would_fire }: Episode): string {
  const judged = {
    true_positive: say('strip.useful', 'judged useful'),
    false_positive: say('strip.noise', 'judged noise'),
    missed: say('strip.missed', 'was missed'),
    none: say('strip.unjudged', 'not judged'),
  }[verdict ?? 'none']
  return say('strip.episode', '{{time}}, severity {{severity}}, {{judged}}; {{fires}}', {
    time: dateTimeFormat(from),
    severity: severity.toFixed(2),
    judged,
    fires: would_fire ? say('strip.fires', 'an alert') : say('strip.silent', 'no alert'),
  })
}

const stylesOf = (theme: GrafanaTheme2) => ({
  marks: css({ position: 'relative', height: 20, overflow: 'hidden' }),
  mark: css({
    position: 'absolute',
    transform: 'translateX(-50%)',
    lineHeight: '20px',
    fontWeight: theme.typography.fontWeightBold,
  }),
  good: css({ color: theme.colors.success.text }),
  bad: css({ color: theme.colors.error.text }),
  plain: css({ color: theme.colors.text.secondary }),
  gone: css({ opacity: 0.45, textDecoration: 'line-through' }),
  strip: css({ width: '100%', height: 160, display: 'block', background: theme.colors.background.secondary }),
  under: css({ fill: theme.visualization.getColorByName('semi-dark-blue'), opacity: 0.7 }),
  over: css({ fill: theme.visualization.getColorByName('orange') }),
  inForce: css({
    stroke: theme.colors.text.secondary,
    strokeDasharray: '6 4',
    vectorEffect: 'non-scaling-stroke',
  }),
  tried: css({
    stroke: theme.colors.text.primary,
    strokeWidth: 2,
    vectorEffect: 'non-scaling-stroke',
  }),
  axis: css({ position: 'relative', height: 18, overflow: 'hidden' }),
  tick: css({
    position: 'absolute',
    transform: 'translateX(-50%)',
    whiteSpace: 'nowrap',
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.secondary,
    '&:nth-of-type(even)': { [theme.breakpoints.down('md')]: { display: 'none' } },
  }),
})
