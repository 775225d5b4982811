import type { Graph, GraphNode } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Icon, useStyles2, useTheme2 } from '@grafana/ui'
import { useState } from 'react'
import { Scrolling } from '../app/scrolling.tsx'
import { tableRules } from '../app/table-style.ts'
import type { healthOf } from '../overview/health.ts'
import { HEALTH_ICON, healthColor, healthText } from '../overview/health-look.ts'
import { percent, quantity, rate } from '../text/format.ts'
import { say } from '../text/say.ts'
import { nodeKind } from '../text/words.ts'

type Column = 'id' | 'rate' | 'error_rate' | 'p95' | 'exclusive_ms'
const columnValue = (node: GraphNode, column: Column): number | string => {
  if (column === 'id') return node.id
  if (column === 'p95') return node.latency?.p95 ?? -1
  return node[column] ?? -1
}

/** The same as the drawing, in rows. */
export function GraphTable(props: {
  graph: Graph
  health: ReturnType<typeof healthOf>
  choose: (id: string) => void
}) {
  const styles = useStyles2(stylesOf)
  const theme = useTheme2()
  const [sort, setSort] = useState<{ by: Column; up: boolean }>({ by: 'id', up: true })
  const rows = props.graph.nodes.toSorted((a, b) => {
    const [x, y] = [columnValue(a, sort.by), columnValue(b, sort.by)]
    const order = typeof x === 'string' || typeof y === 'string' ? String(x).localeCompare(String(y)) : x - y
    return sort.up ? order : -order
  })
  const columns: readonly [Column, string][] = [
    ['id', say('graph.name', 'Name')],
    ['rate', say('graph.rate', 'Requests')],
    ['error_rate', say('graph.errors', 'Errors')],
    ['p95', say('graph.p95', 'p95')],
    ['exclusive_ms', say('graph.exclusive', 'Own time')],
  ]
  const head = ([column, text]: readonly [Column, string]) => (
    <th
      key={column}
      scope="col"
      aria-sort={sort.by !== column ? 'none' : sort.up ? 'ascending' : 'descending'}
    >
      <button
        type="button"
        className={styles.sort}
        onClick={() => setSort({ by: column, up: sort.by === column ? !sort.up : column === 'id' })}
      >
        {text} {sort.by === column ? (sort.up ? '▲' : '▼') : ''}
      </button>
    </th>
  )
  return (
    <Scrolling label={say('graph.table', 'Services and what they call')}>
      <table className={styles.table}>
        <thead>
          <tr>
            {columns.slice(0, 1).map(head)}
            <th scope="col">{say('graph.kind', 'Kind')}</th>
            <th scope="col">{say('graph.state', 'State')}</th>
            {columns.slice(1).map(head)}
            <th scope="col">{say('graph.calls', 'Calls')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((node) => {
            const health = props.health(node)
            return (
              <tr key={node.id}>
                <th scope="row">
                  <button type="button" className={styles.name} onClick={() => props.choose(node.id)}>
                    {node.id}
                  </button>
                </th>
                <td>{nodeKind(node.kind)}</td>
                <td>
                  {node.kind === 'service' ? (
                    <>
                      <Icon
                        name={HEALTH_ICON[health]}
                        size="sm"
                        style={{ color: healthColor(theme, health) }}
                      />{' '}
                      {healthText(health)}
                    </>
                  ) : null}
                </td>
                <td>{rate(node.rate)}</td>
                <td>{percent(node.error_rate)}</td>
                <td>{node.latency === null ? '–' : quantity(node.latency.p95, 'ms')}</td>
                <td>{node.exclusive_ms === null ? '–' : quantity(node.exclusive_ms, 'ms')}</td>
                <td>
                  {props.graph.edges
                    .filter(({ client }) => client === node.id)
                    .map(({ server }) => server)
                    .join(', ')}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </Scrolling>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  table: css({
    ...tableRules(theme, 720),
    // Names and what is called may be broken, words and figures not.
    'td:not(:last-child)': { whiteSpace: 'nowrap', overflowWrap: 'normal' },
    'th[scope="row"]': { minWidth: 140 },
  }),
  sort: css({
    background: 'none',
    border: 0,
    padding: 0,
    fontWeight: theme.typography.fontWeightMedium,
    color: theme.colors.text.primary,
  }),
  name: css({
    background: 'none',
    border: 0,
    padding: 0,
    color: theme.colors.text.link,
    textAlign: 'left',
    overflowWrap: 'anywhere',
  }),
})
