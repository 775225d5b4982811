import type { SloReport, SloStatus } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { TextLink, useStyles2 } from '@grafana/ui'
import { links } from '../app/links.ts'
import { clamped } from '../charts/clamp.ts'
import { ShareBar } from '../charts/share-bar.tsx'
import { objectiveTitle } from '../objectives/title.ts'
import { urgencyOf } from '../objectives/urgency.ts'
import { percent } from '../text/format.ts'
import { say } from '../text/say.ts'

const SHOWN = 8

/** What is left of the error budgets, the most urgent first. */
export function Budgets({ report }: { report: SloReport }) {
  const styles = useStyles2(stylesOf)
  const objectives = report.objectives.toSorted((a, b) => urgencyOf(b) - urgencyOf(a))
  if (objectives.length === 0) return <p>{say('slo.none', 'No service has served a request yet.')}</p>
  return (
    <>
      <ul className={styles.list}>
        {objectives.slice(0, SHOWN).map((one) => (
          <li key={`${one.name} ${one.service} ${one.indicator}`} title={one.summary}>
            <span className={clamped}>{objectiveTitle(one)}</span>
            <Left of={one} />
          </li>
        ))}
      </ul>
      <TextLink href={links.objectives} inline={false}>
        {objectives.length > SHOWN
          ? say('slo.all', 'all {{count}} objectives', { count: objectives.length })
          : say('slo.details', 'burn rates and forecasts')}
      </TextLink>
    </>
  )
}

function Left({ of }: { of: SloStatus }) {
  const styles = useStyles2(stylesOf)
  const { left } = of.budget
  if (left === null)
    return <span className={styles.figure}>{say('slo.no-requests', 'no request counted')}</span>
  const text =
    left < 0
      ? say('slo.overdrawn', 'overdrawn by {{share}}', { share: percent(-left) })
      : say('slo.left', '{{share}} left', { share: percent(left) })
  const paging = of.alerts.length > 0
  return (
    <>
      <ShareBar share={Math.max(0, left)} label={text} tone={paging || left < 0 ? 'bad' : 'plain'} />
      <span className={paging || left < 0 ? styles.burning : styles.figure}>
        {paging ? say('slo.burns', '{{left}}, burning', { left: text }) : text}
      </span>
    </>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  list: css({
    listStyle: 'none',
    margin: theme.spacing(0, 0, 1),
    li: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 2fr) minmax(0, 1fr) minmax(0, 1fr)',
      gap: theme.spacing(1),
      alignItems: 'center',
      padding: theme.spacing(0.5, 0),
    },
  }),
  figure: css({ color: theme.colors.text.secondary, gridColumnEnd: -1 }),
  burning: css({
    color: theme.colors.error.text,
    fontWeight: theme.typography.fontWeightMedium,
    gridColumnEnd: -1,
  }),
})
