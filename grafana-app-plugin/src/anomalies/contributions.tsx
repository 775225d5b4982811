import type { Anomaly, Contribution } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { useStyles2 } from '@grafana/ui'
import { BandBar } from '../charts/band-bar.tsx'
import { percent } from '../text/format.ts'
import { say } from '../text/say.ts'

const SHOWN = 3

/** What made the score of an anomaly: each feature in words, beside its normal range, with its share; the weaker ones folded away. */
export function Contributions({ anomaly: { contributions } }: { anomaly: Anomaly }) {
  const rest = contributions.slice(SHOWN)
  return (
    <>
      <List of={contributions.slice(0, SHOWN)} />
      {rest.length === 0 ? null : (
        <details>
          <summary>{say('contributions.more', '{{count}} more', { count: rest.length })}</summary>
          <List of={rest} />
        </details>
      )}
    </>
  )
}

function List({ of }: { of: readonly Contribution[] }) {
  const styles = useStyles2(stylesOf)
  return (
    <ul className={styles.list}>
      {of.map((one) => (
        <li key={one.feature}>
          {one.text}{' '}
          <span className={styles.weak}>
            {say('contributions.share', '({{share}} of the score)', { share: percent(one.share) })}
          </span>
          {one.value === null || one.band === null ? null : (
            <BandBar value={one.value} band={one.band} label={one.text} />
          )}
        </li>
      ))}
    </ul>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', margin: 0, overflowWrap: 'anywhere', minWidth: 200 }),
  weak: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
})
