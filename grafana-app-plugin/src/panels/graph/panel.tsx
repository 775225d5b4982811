import type { Graph } from '@adf/contract'
import { css } from '@emotion/css'
import type { PanelProps } from '@grafana/data'
import { useEffect, useMemo, useState } from 'react'
import { answersOf } from '../../datasource/frames/answer.ts'
import { GroupedCanvas } from '../../graph/grouped-canvas.tsx'
import { MANY, namespacesOf } from '../../graph/groups.ts'
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
  const health = useMemo(() => healthOf(incidents), [incidents])
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const collapsed = useMemo(() => collapsedOf(graph, opened), [graph, opened])
  if (graph === undefined) return <Unasked what={say('query.graph', 'Causal graph')} />
  if (options.view === 'table') return <GraphTable graph={graph} health={health} choose={setFocus} />
  const room = Math.max(LEAST, height - (options.legend ? LEGEND : 0))
  return (
    <>
      <div className={fitted(room)}>
        <GroupedCanvas
          graph={graph}
          collapsed={collapsed}
          health={health}
          focus={focus}
          choose={setFocus}
          expand={(namespace) => setOpened(new Set([...opened, namespace]))}
        />
      </div>
      {options.legend ? <Legend /> : null}
    </>
  )
}

/** Of a large graph all namespaces but those that were opened. */
function collapsedOf(graph: Graph | undefined, opened: ReadonlySet<string>): ReadonlySet<string> {
  if (graph === undefined || graph.nodes.length <= MANY) return new Set()
  return new Set(namespacesOf(graph.nodes).filter((one) => !opened.has(one)))
}

/** On its page the drawing has a height by the window's. */
const fitted = (height: number) => css({ '& [data-testid="graph"]': { height, minHeight: 0, border: 0 } })
