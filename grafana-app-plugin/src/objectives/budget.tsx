import type { SloStatus } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { useStyles2 } from '@grafana/ui'
import { ShareBar } from '../charts/share-bar.tsx'
import { duration } from '../text/duration.ts'
import { percent } from '../text/format.ts'
import { say } from '../text/say.ts'

/** What is left of an error budget, and until when it lasts. */
export function Budget({ of, now }: { of: SloStatus; now: number }) {
  const styles = useStyles2(stylesOf)
  const { left, period } = of.budget
  if (left === null) return null
  const text =
    left < 0
      ? say('budget.overdrawn', 'The budget of {{period}} is overdrawn by {{share}}', {
          period,
          share: percent(-left),
        })
      : say('budget.left', '{{share}} of the budget of {{period}} is left', { period, share: percent(left) })
  const bad = left <= 0 || of.alerts.length > 0
  return (
    <div className={styles.budget}>
      <ShareBar share={Math.max(0, left)} label={text} tone={bad ? 'bad' : 'plain'} />
      <span>{[text, forecastOf(of, now)].filter((part) => part !== '').join('; ')}</span>
    </div>
  )
}

function forecastOf({ budget: { left, runs_out_at } }: SloStatus, now: number): string {
  if (left === null || left <= 0) return ''
  if (runs_out_at === null) return say('budget.lasts', 'it lasts, as things are')
  return say('budget.runs-out', 'gone in {{duration}} if the last hour goes on', {
    duration: duration(Date.parse(runs_out_at) - now),
  })
}

const stylesOf = (theme: GrafanaTheme2) => ({
  budget: css({
    display: 'grid',
    gridTemplateColumns: 'minmax(80px, 1fr) minmax(0, 3fr)',
    gap: theme.spacing(1),
    alignItems: 'center',
  }),
})
