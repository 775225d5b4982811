import type { Graph, Incident } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { PluginPage } from '@grafana/runtime'
import { Input, RadioButtonGroup, useStyles2 } from '@grafana/ui'
import { useCallback, useMemo, useState } from 'react'
import { useQueryState } from '../app/use-query-state.ts'
import { useGraph } from '../data/useGraph.ts'
import { useIncidents } from '../data/useIncidents.ts'
import { healthOf } from '../overview/health.ts'
import { Answer } from '../states/answer.tsx'
import { useNow } from '../states/use-now.ts'
import { say } from '../text/say.ts'
import { Details } from './details.tsx'
import { GroupedCanvas } from './grouped-canvas.tsx'
import { MANY, namespacesOf } from './groups.ts'
import { Legend } from './legend.tsx'
import { Namespaces } from './namespaces.tsx'
import { GraphTable } from './table.tsx'
import { TimeSlider } from './time-slider.tsx'

/** Who calls whom, now or at any minute that is kept. Focus, time and view are in the address. */
export default function GraphPage() {
  const now = useNow()
  const [at, setAt] = useQueryState('at')
  const [view, setView] = useQueryState('view')
  const graph = useGraph(at)
  const incidents = useIncidents({ limit: 20 })
  return (
    <PluginPage
      pageNav={{ text: say('graph.title', 'Causal graph') }}
      actions={
        <RadioButtonGroup
          aria-label={say('graph.view', 'View')}
          options={[
            { label: say('graph.drawing', 'Drawing'), value: '' },
            { label: say('graph.rows', 'Table'), value: 'table' },
          ]}
          value={view ?? ''}
          onChange={setView}
        />
      }
    >
      <TimeSlider at={at} go={setAt} incidents={incidents.data ?? NONE} now={now} />
      {incidents.error === null ? null : <Answer of={incidents}>{() => null}</Answer>}
      <Answer of={graph}>
        {(read) =>
          read.nodes.length === 0 ? (
            <p>
              {say(
                'graph.empty',
                'No service is known yet: the graph grows from spans. The overview says how to send them.',
              )}
            </p>
          ) : (
            <Body graph={read} incidents={incidents.data} live={at === undefined} table={view === 'table'} />
          )
        }
      </Answer>
    </PluginPage>
  )
}

const NONE: readonly Incident[] = []

/** Those that were open at the time of the graph. */
const openAt = (incidents: readonly Incident[], at: string): Incident[] => {
  const time = Date.parse(at)
  return incidents
    .filter(
      ({ started_at, resolved_at, state }) =>
        state !== 'merged' &&
        Date.parse(started_at) <= time &&
        (resolved_at === null || Date.parse(resolved_at) >= time),
    )
    .map((incident) => ({ ...incident, state: 'open' as const }))
}

const ALL = '*'

/** Which namespaces are drawn as one node; in the address. */
function useCollapsed(nodes: Graph['nodes']) {
  const [text, setText] = useQueryState('collapsed')
  const all = useMemo(() => namespacesOf(nodes), [nodes])
  const many = nodes.length > MANY
  const collapsed = useMemo(() => {
    const wanted = text ?? (many ? ALL : '')
    return new Set(
      wanted === ALL
        ? all
        : wanted
            .split(',')
            .filter((one) => one !== '')
            .map(decodeURIComponent),
    )
  }, [text, many, all])
  const set = useCallback(
    // Of none too it must be said where all would be.
    (names: Iterable<string>) => setText([...names].map(encodeURIComponent).join(',') || ','),
    [setText],
  )
  const expand = useCallback(
    (namespace: string) => set([...collapsed].filter((one) => one !== namespace)),
    [set, collapsed],
  )
  return { all, collapsed, expand, set }
}

function Body(props: {
  graph: Graph
  incidents: readonly Incident[] | undefined
  live: boolean
  table: boolean
}) {
  const styles = useStyles2(stylesOf)
  const { graph, incidents, live, table } = props
  const [focus, setFocus] = useQueryState('focus')
  const health = useMemo(
    () => healthOf(live || incidents === undefined ? incidents : openAt(incidents, graph.at)),
    [incidents, live, graph.at],
  )
  const choose = useCallback((id: string | undefined) => setFocus(id), [setFocus])
  const { all, collapsed, expand, set } = useCollapsed(graph.nodes)
  return (
    <>
      <div className={styles.tools}>
        <Search graph={graph} choose={choose} />
        {table ? null : <Namespaces all={all} collapsed={collapsed} set={set} />}
      </div>
      <div className={focus === undefined ? undefined : styles.pair}>
        {table ? (
          <GraphTable graph={graph} health={health} choose={choose} />
        ) : (
          <div>
            <GroupedCanvas
              graph={graph}
              collapsed={collapsed}
              health={health}
              focus={focus}
              choose={choose}
              expand={expand}
            />
            <Legend />
          </div>
        )}
        {focus === undefined ? null : <Details graph={graph} id={focus} choose={choose} />}
      </div>
    </>
  )
}

/** A list that is longer is not read. */
const OFFERED = 50

function Search({ graph, choose }: { graph: Graph; choose: (id: string) => void }) {
  const [text, setText] = useState('')
  const wanted = text.trim().toLowerCase()
  const found = wanted === '' ? [] : graph.nodes.filter(({ id }) => id.toLowerCase().includes(wanted))
  return (
    <form
      style={{ maxWidth: 360, marginBottom: 8 }}
      onSubmit={(event) => {
        event.preventDefault()
        const first = found[0]
        if (first !== undefined) choose(first.id)
      }}
    >
      <Input
        aria-label={say('graph.search', 'Find a service')}
        placeholder={say('graph.search', 'Find a service')}
        list="adf-nodes"
        value={text}
        suffix={wanted === '' ? null : say('graph.found', '{{count}} found', { count: found.length })}
        onChange={(event) => {
          const value = event.currentTarget.value
          setText(value)
          if (graph.nodes.some(({ id }) => id === value)) choose(value)
        }}
      />
      <datalist id="adf-nodes">
        {found.slice(0, OFFERED).map(({ id }) => (
          <option key={id} value={id} />
        ))}
      </datalist>
    </form>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  tools: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), alignItems: 'flex-start' }),
  pair: css({
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) minmax(240px, 320px)',
    gap: theme.spacing(2),
    alignItems: 'start',
    [theme.breakpoints.down('lg')]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  }),
})
