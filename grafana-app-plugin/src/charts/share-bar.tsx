import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { useStyles2 } from '@grafana/ui'
import { percent } from '../text/format.ts'

/** A share of a whole, as a bar; its number stands beside it in the text of the page. */
export function ShareBar(props: { share: number; label: string; tone: 'bad' | 'plain' }) {
  const { share, label, tone } = props
  const styles = useStyles2(stylesOf)
  return (
    <meter
      className={styles[tone]}
      min={0}
      max={1}
      value={share}
      aria-label={label}
      aria-valuetext={percent(share)}
    />
  )
}

const stylesOf = (theme: GrafanaTheme2) => {
  const bar = (background: string) => {
    const track = { background: theme.colors.background.secondary, border: 0, borderRadius: 4, height: 8 }
    const filled = { background, borderRadius: 4 }
    return css({
      ...track,
      appearance: 'none',
      display: 'block',
      width: '100%',
      '&::-webkit-meter-bar': track,
      '&::-webkit-meter-optimum-value': filled,
      '&::-moz-meter-bar': filled,
    })
  }
  return {
    bad: bar(theme.visualization.getColorByName('red')),
    plain: bar(theme.colors.text.secondary),
  }
}
