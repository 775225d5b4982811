import type { Graph, GraphEdge } from '@adf/contract'
import { css, injectGlobal } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Button, useStyles2, useTheme2 } from '@grafana/ui'
import { Background, Controls, type Edge, MarkerType, type NodeChange, Panel, ReactFlow } from '@xyflow/react'
import base from '@xyflow/react/dist/base.css'
import { useCallback, useMemo, useRef, useState } from 'react'
import type { Health, healthOf } from '../overview/health.ts'
import { quantity, rate } from '../text/format.ts'
import { namesOf } from '../text/names.ts'
import { say } from '../text/say.ts'
import type { Group } from './groups.ts'
import { NODE_HEIGHT, NODE_WIDTH, type Places, placed } from './layout.ts'
import { NodeCard, type ServiceNode } from './node.tsx'
import { browserStorage, keepPins, readPins } from './pins.ts'
import { reachOf } from './reach.ts'
import { goesBelow, twoWay } from './ways.ts'

injectGlobal(base)

const NODE_TYPES = { service: NodeCard }
const FAILING = 0.02

export interface CanvasProps {
  readonly graph: Pick<Graph, 'nodes' | 'edges'>
  /** Nodes that stand for a namespace, by id. */
  readonly groups: ReadonlyMap<string, Group>
  readonly health: ReturnType<typeof healthOf>
  readonly focus: string | undefined
  readonly choose: (id: string | undefined) => void
  /** Shows the services of a namespace. */
  readonly expand: (namespace: string) => void
}

/** The graph drawn: layers from left to right. It stays where it is when figures change; what one drags stays there, also the next time. */
export function Canvas({ graph, groups, health, focus, choose, expand }: CanvasProps) {
  const styles = useStyles2(stylesOf)
  const theme = useTheme2()
  const kept = useRef<Places>(new Map())
  const [dragged, setDragged] = useState<Places>(() => readPins(browserStorage()))
  const places = useMemo(() => {
    kept.current = placed(kept.current, graph)
    return kept.current
  }, [graph])
  const known = graph.nodes.some(({ id }) => id === focus) ? focus : undefined
  const reach = useMemo(
    () => (known === undefined ? undefined : reachOf(graph.edges, known)),
    [graph.edges, known],
  )

  const nodes = useMemo(() => {
    const names = namesOf(graph.nodes.map(({ id }) => id))
    return graph.nodes.map((node): ServiceNode => {
      const of: Health = health(node)
      const group = groups.get(node.id)
      return {
        id: node.id,
        type: 'service',
        position: dragged.get(node.id) ?? places.get(node.id) ?? { x: 0, y: 0 },
        width: NODE_WIDTH,
        height: NODE_HEIGHT,
        focusable: false,
        data: {
          node,
          label: group?.namespace ?? names.get(node.id) ?? node.name,
          health: of,
          dimmed: reach !== undefined && !reach.has(node.id),
          focused: node.id === known,
          ...(group !== undefined && { group }),
          choose: group === undefined ? choose : () => expand(group.namespace),
        },
      }
    })
  }, [graph.nodes, groups, places, dragged, health, reach, known, choose, expand])

  const edges = useMemo(() => {
    const at = (id: string) => dragged.get(id) ?? places.get(id)
    const both = twoWay(graph.edges)
    return graph.edges.flatMap((edge): Edge[] => {
      const [from, to] = [at(edge.client), at(edge.server)]
      if (from === undefined || to === undefined || edge.client === edge.server) return []
      const within = reach === undefined || (reach.has(edge.client) && reach.has(edge.server))
      const color =
        edge.error_rate >= FAILING ? theme.visualization.getColorByName('red') : theme.colors.text.secondary
      const back = goesBelow(edge, from, to) ? { sourceHandle: 'back', targetHandle: 'back' } : {}
      const mutual = both.has(JSON.stringify([edge.client, edge.server]))
      return [
        {
          id: `${edge.client} ${edge.server} ${edge.connection}`,
          source: edge.client,
          target: edge.server,
          ...back,
          focusable: false,
          // A pair that calls each other: an angled line and a curved one.
          ...(mutual && { type: 'smoothstep', pathOptions: { offset: 24, borderRadius: 12 } }),
          ...(known !== undefined && within && { label: labelOf(edge) }),
          labelStyle: { fill: theme.colors.text.primary, fontSize: 11 },
          labelBgStyle: { fill: theme.colors.background.canvas },
          markerEnd: { type: MarkerType.ArrowClosed, color, width: 14, height: 14 },
          style: {
            stroke: color,
            // By order of magnitude: a hundred times the calls are thrice the width.
            strokeWidth: 1 + Math.log10(1 + edge.rate),
            strokeDasharray: edge.error_rate >= FAILING ? '6 3' : undefined,
            opacity: within ? 1 : 0.12,
          },
        },
      ]
    })
  }, [graph.edges, places, dragged, reach, known, theme])

  const onNodesChange = useCallback((changes: NodeChange<ServiceNode>[]) => {
    const moves = changes.flatMap((change) =>
      change.type === 'position' && change.position !== undefined
        ? [[change.id, change.position] as const]
        : [],
    )
    if (moves.length === 0) return
    setDragged((before) => {
      const next = new Map(before)
      for (const [id, place] of moves) {
        // The latest is the last, so that the oldest are forgotten first.
        next.delete(id)
        next.set(id, place)
      }
      return next
    })
  }, [])
  const letGo = () => {
    keepPins(browserStorage(), new Map())
    setDragged(new Map())
  }
  const pinned = graph.nodes.filter(({ id }) => dragged.has(id)).length

  return (
    <div className={styles.canvas} data-testid="graph">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        onNodesChange={onNodesChange}
        onNodeDragStop={() => keepPins(browserStorage(), dragged)}
        onPaneClick={() => choose(undefined)}
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.08 }}
        minZoom={0.05}
        maxZoom={2}
        colorMode={theme.isDark ? 'dark' : 'light'}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        deleteKeyCode={null}
        onlyRenderVisibleElements={graph.nodes.length > LARGE}
        aria-label={say('graph.label', 'Causal graph: callers on the left, what they call on the right')}
      >
        <Background />
        <Controls showInteractive={false} />
        {pinned === 0 ? null : (
          <Panel position="top-right">
            <Button size="sm" variant="secondary" icon="gf-pin" onClick={letGo}>
              {say('graph.let-go', 'Let go of {{count}} that were moved', { count: pinned })}
            </Button>
          </Panel>
        )}
      </ReactFlow>
    </div>
  )
}

/** From so many nodes on, only what is in view is drawn. */
const LARGE = 150

const labelOf = ({ rate: perSecond, client_latency, server_latency }: GraphEdge): string => {
  const latency = server_latency ?? client_latency
  return latency === null ? rate(perSecond) : `${rate(perSecond)} · ${quantity(latency.p95, 'ms')}`
}

const stylesOf = (theme: GrafanaTheme2) => ({
  canvas: css({
    height: 'min(70vh, 760px)',
    minHeight: 360,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.canvas,
    '.react-flow': { '--xy-background-color': 'transparent' },
    '.react-flow__controls-button': {
      background: theme.colors.background.primary,
      color: theme.colors.text.primary,
      width: 26,
      height: 26,
      border: 0,
      padding: 4,
    },
    '.react-flow__controls-button svg': { fill: theme.colors.text.primary, maxWidth: 12 },
    '.react-flow__attribution a': { color: theme.colors.text.secondary },
  }),
})
