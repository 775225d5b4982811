import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { useStyles2 } from '@grafana/ui'

export interface BandBarProps {
  readonly value: number
  /** Normal range; of equal ends where only one normal value is known. */
  readonly band: readonly [number, number]
  /** The same in words. */
  readonly label: string
}

/** Where a value lies beside its normal range, from 0 (or the least of them) to the largest of them. */
export function BandBar({ value, band, label }: BandBarProps) {
  const styles = useStyles2(stylesOf)
  const [low, high] = band
  const from = Math.min(0, value, low)
  const width = Math.max(value, high, from + Number.EPSILON) - from
  const at = (x: number) => (100 * (x - from)) / width
  return (
    <svg className={styles.bar} viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={label}>
      <rect className={styles.track} x={0} y={4} width={100} height={2} />
      <rect className={styles.band} x={at(low)} y={1} width={Math.max(1.5, at(high) - at(low))} height={8} />
      <rect className={styles.value} x={Math.max(0, at(value) - 1.2)} y={0} width={1.2} height={10} />
    </svg>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  bar: css({ width: '100%', height: 10, display: 'block' }),
  track: css({ fill: theme.colors.border.weak }),
  band: css({ fill: theme.visualization.getColorByName('semi-dark-blue'), opacity: 0.55 }),
  value: css({ fill: theme.visualization.getColorByName('red') }),
})
