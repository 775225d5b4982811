import type { Graph, GraphEdge } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Button, Stack, TextLink, useStyles2 } from '@grafana/ui'
import { links } from '../app/links.ts'
import { Panel } from '../charts/panel.tsx'
import { percent, quantity, rate } from '../text/format.ts'
import { shortName } from '../text/names.ts'
import { say } from '../text/say.ts'
import { nodeKind } from '../text/words.ts'

/** The figures of one node, and of the calls to and from it. */
export function Details(props: { graph: Graph; id: string; choose: (id: string | undefined) => void }) {
  const styles = useStyles2(stylesOf)
  const { graph, id, choose } = props
  const node = graph.nodes.find((one) => one.id === id)
  const close = (
    <Button
      size="sm"
      variant="secondary"
      fill="text"
      icon="times"
      aria-label={say('details.close', 'Show the whole graph')}
      onClick={() => choose(undefined)}
    />
  )
  if (node === undefined)
    return (
      <Panel title={shortName(id)} aside={close}>
        <p>{say('details.gone', '{{id}} is not in the graph of this time.', { id })}</p>
      </Panel>
    )
  const places = graph.placements.filter(({ service }) => service === id)
  return (
    <Panel title={shortName(id)} aside={close}>
      <dl className={styles.figures}>
        <dt>{say('details.kind', 'What')}</dt>
        <dd>{`${nodeKind(node.kind)} ${node.id}`}</dd>
        <dt>{say('details.rate', 'Requests')}</dt>
        <dd>{rate(node.rate)}</dd>
        <dt>{say('details.errors', 'Errors')}</dt>
        <dd>{percent(node.error_rate)}</dd>
        {node.latency === null ? null : (
          <>
            <dt>{say('details.latency', 'Latency p50, p95, p99')}</dt>
            <dd>
              {[node.latency.p50, node.latency.p95, node.latency.p99]
                .map((ms) => quantity(ms, 'ms'))
                .join(', ')}
            </dd>
          </>
        )}
        {node.exclusive_ms === null ? null : (
          <>
            <dt>{say('details.exclusive', 'Time in itself, mean')}</dt>
            <dd>{quantity(node.exclusive_ms, 'ms')}</dd>
          </>
        )}
      </dl>
      <Calls
        title={say('details.callers', 'Called by')}
        edges={graph.edges.filter(({ server }) => server === id)}
        end="client"
        choose={choose}
      />
      <Calls
        title={say('details.callees', 'Calls')}
        edges={graph.edges.filter(({ client }) => client === id)}
        end="server"
        choose={choose}
      />
      {places.length === 0 ? null : (
        <>
          <h3 className={styles.heading}>{say('details.runs-on', 'Runs on')}</h3>
          <ul className={styles.list}>
            {places.map(({ instance, pod, node: machine, host }) => {
              const place = [...new Set([instance, pod, machine, host].filter((part) => part !== null))].join(
                ' · ',
              )
              return <li key={place}>{place}</li>
            })}
          </ul>
        </>
      )}
      {node.kind === 'service' ? (
        <Stack gap={2}>
          <TextLink href={`${links.entities}?service=${encodeURIComponent(node.name)}`}>
            {say('details.entities', 'its instances')}
          </TextLink>
        </Stack>
      ) : null}
    </Panel>
  )
}

function Calls(props: {
  title: string
  edges: readonly GraphEdge[]
  end: 'client' | 'server'
  choose: (id: string) => void
}) {
  const styles = useStyles2(stylesOf)
  if (props.edges.length === 0) return null
  return (
    <>
      <h3 className={styles.heading}>{props.title}</h3>
      <ul className={styles.list}>
        {props.edges.map((edge) => {
          const latency = edge.server_latency ?? edge.client_latency
          return (
            <li key={`${edge[props.end]} ${edge.connection}`}>
              <button
                type="button"
                className={styles.name}
                title={edge[props.end]}
                onClick={() => props.choose(edge[props.end])}
              >
                {shortName(edge[props.end])}
              </button>{' '}
              {[
                rate(edge.rate),
                latency === null
                  ? ''
                  : say('details.p95', 'p95 {{latency}}', { latency: quantity(latency.p95, 'ms') }),
                edge.error_rate >= 0.005
                  ? say('details.edge-errors', '{{share}} errors', { share: percent(edge.error_rate) })
                  : '',
                edge.gap_ms === null
                  ? ''
                  : say('details.gap', '{{gap}} on the way', { gap: quantity(edge.gap_ms, 'ms') }),
              ]
                .filter((part) => part !== '')
                .join(' · ')}
            </li>
          )
        })}
      </ul>
    </>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  figures: css({
    display: 'grid',
    gridTemplateColumns: 'auto 1fr',
    columnGap: theme.spacing(2),
    margin: 0,
    overflowWrap: 'anywhere',
    dt: { color: theme.colors.text.secondary },
  }),
  heading: css({ fontSize: theme.typography.h6.fontSize, margin: theme.spacing(1.5, 0, 0.5) }),
  list: css({ listStyle: 'none', margin: 0, overflowWrap: 'anywhere' }),
  name: css({
    background: 'none',
    border: 0,
    padding: 0,
    color: theme.colors.text.link,
    textAlign: 'left',
    overflowWrap: 'anywhere',
  }),
})
