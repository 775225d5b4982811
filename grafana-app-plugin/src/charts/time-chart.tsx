import { css } from '@emotion/css'
import {
  createDataFrame,
  type DataFrame,
  dateTime,
  FieldType,
  type GrafanaTheme2,
  getDisplayProcessor,
  ThresholdsMode,
  type TimeRange,
} from '@grafana/data'
import { LegendDisplayMode, TimeSeries, useStyles2, useTheme2 } from '@grafana/ui'
import { type ComponentProps, useMemo } from 'react'
import { useWidth } from './use-width.ts'

/** One line. Values stand beside the times of the chart; null is a gap. */
interface ChartSeries {
  readonly name: string
  readonly values: readonly (number | null)[]
  /** Of Grafana's palette, such as `semi-dark-blue`. */
  readonly color: string
  readonly look?: 'line' | 'area' | 'points' | 'dashed'
}

export interface TimeChartProps {
  /** Unix milliseconds, ascending. */
  readonly times: readonly number[]
  readonly series: readonly ChartSeries[]
  /** Of Grafana's value formats: `short`, `bytes`, `ms`. */
  readonly unit: string
  /** The same in words: who does not see it reads this. */
  readonly label: string
  readonly range?: { readonly from: number; readonly to: number }
  readonly height?: number
  readonly min?: number
  readonly max?: number
  /** Values between two are normal: drawn as a band below the lines. */
  readonly band?: readonly [number, number]
}

/** Lines over time by Grafana's own chart, with a legend below. */
export function TimeChart({ height = 150, label, series, ...props }: TimeChartProps) {
  const styles = useStyles2(stylesOf)
  const theme = useTheme2()
  const [place, width] = useWidth()
  const { times, unit, min, max, band } = props
  const frame = useMemo(
    () => frameOf({ times, series, unit, min, max, band }, theme),
    [times, series, unit, min, max, band, theme],
  )
  const [from, to] = [props.range?.from ?? times[0] ?? 0, props.range?.to ?? times.at(-1) ?? 0]
  const timeRange = useMemo(() => rangeOf(from, to), [from, to])
  return (
    <figure className={styles.figure}>
      <div ref={place} role="img" aria-label={label} style={{ height }}>
        {width === 0 ? null : (
          <TimeSeries
            frames={[frame]}
            width={width}
            height={height}
            timeRange={timeRange}
            timeZone="browser"
            legend={HIDDEN}
            options={{ theme: theme.name }}
          />
        )}
      </div>
      <figcaption className={styles.legend}>
        {series.map(({ name, color }) => (
          <span key={name}>
            <span
              className={styles.sign}
              style={{ background: theme.visualization.getColorByName(color) }}
              aria-hidden
            />{' '}
            {name}
          </span>
        ))}
      </figcaption>
    </figure>
  )
}

type Drawn = Omit<TimeChartProps, 'label' | 'range' | 'height'>

function frameOf({ times, series, unit, min, max, band }: Drawn, theme: GrafanaTheme2): DataFrame {
  const [low, high] = band ?? []
  const frame = createDataFrame({
    fields: [
      { name: 'time', type: FieldType.time, values: [...times] },
      ...series.map(({ name, values, color, look = 'line' }) => ({
        name,
        type: FieldType.number,
        values: [...values],
        config: {
          unit,
          min,
          max,
          displayName: name,
          color: { mode: 'fixed', fixedColor: theme.visualization.getColorByName(color) },
          ...(low !== undefined &&
            high !== undefined && {
              thresholds: {
                mode: ThresholdsMode.Absolute,
                steps: [
                  { value: Number.NEGATIVE_INFINITY, color: 'transparent' },
                  { value: low, color: theme.visualization.getColorByName('semi-dark-blue') },
                  { value: high, color: 'transparent' },
                ],
              },
            }),
          custom: {
            drawStyle: look === 'points' ? 'points' : 'line',
            lineWidth: look === 'points' ? 0 : 1.5,
            ...(look === 'dashed' && { lineStyle: { fill: 'dash', dash: [6, 4] } }),
            fillOpacity: look === 'area' ? 15 : 0,
            // A single value is no line.
            showPoints: look === 'points' || times.length < FEW ? 'always' : 'never',
            pointSize: 5,
            spanNulls: false,
            ...(band !== undefined && {
              // Where there is one normal value alone, the band is a line.
              thresholdsStyle: { mode: 'line+area' },
              axisSoftMin: low,
              axisSoftMax: high,
            }),
          },
        },
      })),
    ],
  })
  for (const field of frame.fields) field.display = getDisplayProcessor({ field, theme })
  return frame
}

/** With so few values each is marked. */
const FEW = 30

function rangeOf(from: number, to: number): TimeRange {
  const range = { from: dateTime(from), to: dateTime(Math.max(to, from + 1000)) }
  return { ...range, raw: range }
}

const HIDDEN: ComponentProps<typeof TimeSeries>['legend'] = {
  showLegend: false,
  displayMode: LegendDisplayMode.List,
  placement: 'bottom',
  calcs: [],
}

const stylesOf = (theme: GrafanaTheme2) => ({
  // A drawing is as wide as the page was until it is drawn anew.
  figure: css({ margin: 0, minWidth: 0, overflow: 'hidden' }),
  legend: css({
    display: 'flex',
    flexWrap: 'wrap',
    columnGap: theme.spacing(2),
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.secondary,
    overflowWrap: 'anywhere',
  }),
  sign: css({ display: 'inline-block', width: 12, height: 3, verticalAlign: 'middle' }),
})
