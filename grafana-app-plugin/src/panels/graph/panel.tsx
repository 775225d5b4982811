import { css } from '@emotion/css'
import type { PanelProps } from '@grafana/data'
import { useEffect, useMemo, useState } from 'react'
import { answersOf } from '../../datasource/frames/answer.ts'
import { Canvas } from '../../graph/canvas.tsx'
import { Legend } from '../../graph/legend.tsx'
import { GraphTable } from '../../graph/table.tsx'
import { healthOf } from '../../overview/health.ts'
import { say } from '../../text/say.ts'
import { Unasked } from '../unasked.tsx'
import type { GraphPanelOptions } from './options.ts'

/** What the legend needs of the height. */
const LEGEND = 64
const LEAST = 120

/** The causal graph of the data; with a second query for open incidents, who is the cause and who suffers. */
export default function GraphPanel(props: PanelProps<GraphPanelOptions>) {
  const { data, options, height, replaceVariables } = props
  const { graph, incidents } = answersOf(data.series)
  const wanted = replaceVariables(options.focus)
  const [focus, setFocus] = useState<string | undefined>(wanted)
  useEffect(() => setFocus(wanted === '' ? undefined : wanted), [wanted])
  const health = useMemo(() => healthOf(incidents ?? []), [incidents])
  if (graph === undefined) return <Unasked what={say('query.graph', 'Causal graph')} />
  if (options.view === 'table') return <GraphTable graph={graph} health={health} choose={setFocus} />
  const room = Math.max(LEAST, height - (options.legend ? LEGEND : 0))
  return (
    <>
      <div className={fitted(room)}>
        <Canvas graph={graph} health={health} focus={focus} choose={setFocus} />
      </div>
      {options.legend ? <Legend /> : null}
    </>
  )
}

/** On its page the drawing has a height by the window's. */
const fitted = (height: number) => css({ '& [data-testid="graph"]': { height, minHeight: 0, border: 0 } })
