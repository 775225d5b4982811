import type { GraphEdge } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { useStyles2, useTheme2 } from '@grafana/ui'
import { ViewportPortal } from '@xyflow/react'
import { memo } from 'react'
import { quantity, rate } from '../text/format.ts'
import type { Drawn } from './lines.ts'

/**
 * The lines of the drawing, below its nodes. They are ours and not React Flow's, whose edges are a component with an element, a marker and
 * four handles each: of a thousand it takes longer to make them than to draw them.
 */
export const CallLines = memo(function CallLines(props: {
  drawn: Drawn<GraphEdge>
  /** What goes through each is written on it. */
  labelled: boolean
}) {
  const { drawn, labelled } = props
  const styles = useStyles2(stylesOf)
  const theme = useTheme2()
  return (
    <ViewportPortal>
      <svg className={styles.lines} aria-hidden>
        {drawn.lines.map(({ key, path, width, failing, faded }) => (
          <path
            key={key}
            d={path}
            fill="none"
            stroke={failing ? theme.visualization.getColorByName('red') : theme.colors.text.secondary}
            strokeWidth={width}
            strokeDasharray={failing ? '6 3' : undefined}
            opacity={faded ? 0.12 : undefined}
          />
        ))}
        {labelled
          ? drawn.middles.map(({ edge, x, y }) => (
              <text
                key={JSON.stringify([edge.client, edge.server, edge.connection])}
                className={styles.label}
                x={x}
                y={y}
              >
                {labelOf(edge)}
              </text>
            ))
          : null}
      </svg>
    </ViewportPortal>
  )
})

const labelOf = ({ rate: perSecond, client_latency, server_latency }: GraphEdge): string => {
  const latency = server_latency ?? client_latency
  return latency === null ? rate(perSecond) : `${rate(perSecond)} · ${quantity(latency.p95, 'ms')}`
}

const stylesOf = (theme: GrafanaTheme2) => ({
  lines: css({
    position: 'absolute',
    zIndex: -1,
    width: 1,
    height: 1,
    overflow: 'visible',
    pointerEvents: 'none',
  }),
  label: css({
    fill: theme.colors.text.primary,
    fontSize: 11,
    textAnchor: 'middle',
    dominantBaseline: 'middle',
    paintOrder: 'stroke',
    stroke: theme.colors.background.canvas,
    strokeWidth: 5,
  }),
})
