import type { SloStatus } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { useStyles2 } from '@grafana/ui'
import { Scrolling } from '../app/scrolling.tsx'
import { percent } from '../text/format.ts'
import { say } from '../text/say.ts'
import { objectiveTitle } from './title.ts'

/** How many times faster than allowed the budget was used, by window: 1 uses it up exactly. */
export function BurnRates({ of }: { of: SloStatus }) {
  const styles = useStyles2(stylesOf)
  const counted = of.windows.filter(({ total }) => total > 0)
  if (counted.length === 0) return null
  const label = say('burn.table', 'Burn rates of {{objective}}', { objective: objectiveTitle(of) })
  return (
    <Scrolling label={label}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{say('burn.window', 'In the last')}</th>
            {counted.map(({ window }) => (
              <th scope="col" key={window}>
                {window}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{say('burn.rate', 'burn rate')}</th>
            {counted.map(({ window, burn_rate }) => (
              <td key={window} className={burn_rate !== null && burn_rate > 1 ? styles.burning : undefined}>
                {burn_rate === null ? '–' : timesOf(burn_rate)}
              </td>
            ))}
          </tr>
          <tr>
            <th scope="row">{say('burn.bad', 'bad requests')}</th>
            {counted.map(({ window, total, good, ratio }) => (
              <td key={window}>
                {say('burn.bad-of', '{{bad}} of {{total}}', {
                  bad: Math.round(total - good),
                  total: Math.round(total),
                })}
                {ratio === null || ratio === 1 ? null : ` (${percent(1 - ratio)})`}
              </td>
            ))}
          </tr>
        </tbody>
      </table>
    </Scrolling>
  )
}

const timesOf = (rate: number): string =>
  say('burn.times', '{{times}}×', { times: rate < 10 ? +rate.toFixed(1) : Math.round(rate) })

const stylesOf = (theme: GrafanaTheme2) => ({
  table: css({
    marginTop: theme.spacing(1),
    'th, td': { textAlign: 'left', padding: theme.spacing(0.25, 2, 0.25, 0) },
  }),
  burning: css({ color: theme.colors.error.text, fontWeight: theme.typography.fontWeightMedium }),
})
