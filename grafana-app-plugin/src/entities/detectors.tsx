import type { EntityJudgement } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Icon, useStyles2 } from '@grafana/ui'
import { Scrolling } from '../app/scrolling.tsx'
import { tableRules } from '../app/table-style.ts'
import { BandBar } from '../charts/band-bar.tsx'
import { percent } from '../text/format.ts'
import { say } from '../text/say.ts'

/** What each detector says of the latest values, side by side, with the threshold and how much say each has. */
export function Detectors({ of }: { of: EntityJudgement }) {
  const styles = useStyles2(stylesOf)
  const label = say('detectors.title', 'What each detector says of {{entity}} in {{stream}}', {
    entity: of.entity_id,
    stream: of.stream,
  })
  const ordered = of.detectors.toSorted((a, b) => b.severity - a.severity)
  return (
    <Scrolling label={label}>
      <table className={styles.table}>
        <caption className={styles.caption}>{say('detectors.caption', 'Detectors side by side')}</caption>
        <thead>
          <tr>
            <th scope="col">{say('detectors.detector', 'Detector')}</th>
            <th scope="col">{say('detectors.severity', 'Severity')}</th>
            <th scope="col">{say('detectors.beside', 'Beside the threshold')}</th>
            <th scope="col">{say('detectors.weight', 'Its say')}</th>
          </tr>
        </thead>
        <tbody>
          {ordered.map(({ name, severity, weight }) => (
            <tr key={name}>
              <th scope="row">
                {name}{' '}
                {name === of.leading ? (
                  <span className={styles.weak}>{say('detectors.leading', 'says most')}</span>
                ) : null}
              </th>
              <td>
                {severity.toFixed(2)}{' '}
                {severity >= of.threshold ? (
                  <Icon
                    name="exclamation-triangle"
                    aria-label={say('detectors.over', 'over the threshold')}
                  />
                ) : null}
              </td>
              <td className={styles.bar}>
                <BandBar
                  value={severity}
                  band={[0, of.threshold]}
                  label={say('detectors.bar', 'severity {{severity}}, threshold {{threshold}}', {
                    severity: severity.toFixed(2),
                    threshold: of.threshold.toFixed(2),
                  })}
                />
              </td>
              <td>{weight === 0 ? say('detectors.no-say', 'none, for comparison') : percent(weight)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolling>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  table: css(tableRules(theme, 480), { 'th, td': { verticalAlign: 'middle' } }),
  caption: css({
    captionSide: 'top',
    textAlign: 'left',
    color: theme.colors.text.primary,
    fontWeight: theme.typography.fontWeightMedium,
  }),
  bar: css({ width: '40%', minWidth: 120 }),
  weak: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
})
