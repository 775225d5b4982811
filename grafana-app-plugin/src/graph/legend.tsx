import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Icon, useStyles2, useTheme2 } from '@grafana/ui'
import type { Health } from '../overview/health.ts'
import { HEALTH_ICON, healthColor, healthText } from '../overview/health-look.ts'
import { say } from '../text/say.ts'

const SHOWN: readonly Health[] = ['cause', 'suffers', 'anomalous', 'normal', 'unknown', 'unread']

/** What the signs and lines mean. */
export function Legend() {
  const styles = useStyles2(stylesOf)
  const theme = useTheme2()
  return (
    <ul className={styles.legend} aria-label={say('legend.label', 'Legend')}>
      {SHOWN.map((health) => (
        <li key={health}>
          <Icon name={HEALTH_ICON[health]} size="sm" style={{ color: healthColor(theme, health) }} />{' '}
          {healthText(health)}
        </li>
      ))}
      <li>{say('legend.virtual', 'dashed frame: seen only through its callers')}</li>
      <li>{say('legend.group', 'double frame: a namespace; click to see what is inside')}</li>
      <li>{say('legend.width', 'wide line: many calls')}</li>
      <li>{say('legend.failing', 'dashed red line: calls fail')}</li>
    </ul>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  legend: css({
    display: 'flex',
    flexWrap: 'wrap',
    columnGap: theme.spacing(2),
    listStyle: 'none',
    margin: theme.spacing(0.5, 0),
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.secondary,
  }),
})
