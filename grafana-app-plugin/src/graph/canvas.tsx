import type { Graph } from '@adf/contract'
import { css, injectGlobal } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Button, useStyles2, useTheme2 } from '@grafana/ui'
import { Background, Controls, type NodeChange, Panel, ReactFlow, type Viewport } from '@xyflow/react'
import base from '@xyflow/react/dist/base.css'
import { useCallback, useMemo, useRef, useState } from 'react'
import type { Health, healthOf } from '../overview/health.ts'
import { namesOf } from '../text/names.ts'
import { say } from '../text/say.ts'
import { CallLines } from './call-lines.tsx'
import type { Group } from './groups.ts'
import { NODE_HEIGHT, NODE_WIDTH, type Places, placed } from './layout.ts'
import { type Level, LevelContext, levelOf } from './level.ts'
import { linesOf } from './lines.ts'
import { NodeCard, type ServiceNode, spokenOnce } from './node.tsx'
import { browserStorage, keepPins, readPins } from './pins.ts'
import { reachOf } from './reach.ts'

injectGlobal(base)

const NODE_TYPES = { service: NodeCard }
const SIZE = { width: NODE_WIDTH, height: NODE_HEIGHT }
const MIN_ZOOM = 0.03
/** From so many nodes on, what is out of view is not there once one looks closely; and the first look is from afar. */
const LARGE = 150

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
  const large = graph.nodes.length > LARGE
  const [level, setLevel] = useState<Level>(large ? 'colour' : 'all')
  const look = useCallback((_: unknown, { zoom }: Viewport) => setLevel(levelOf(zoom)), [])
  const known = graph.nodes.some(({ id }) => id === focus) ? focus : undefined
  const reach = useMemo(
    () => (known === undefined ? undefined : reachOf(graph.edges, known)),
    [graph.edges, known],
  )

  const nodes = useMemo(() => {
    const names = namesOf(graph.nodes.map(({ id }) => id))
    const spoken = spokenOnce()
    return graph.nodes.map((node): ServiceNode => {
      const of: Health = health(node)
      const group = groups.get(node.id)
      const position = dragged.get(node.id) ?? places.get(node.id) ?? { x: 0, y: 0 }
      return {
        id: node.id,
        type: 'service',
        position,
        // Said, so that nothing is measured: of hundreds that takes longer than all else.
        measured: SIZE,
        handles: [],
        // Not moved by a transform and no layer of its own: each would be one more for the browser to put together in every frame.
        style: { ...SIZE, left: position.x, top: position.y, transform: 'none', zIndex: 'auto' },
        focusable: false,
        data: {
          node,
          label: group?.namespace ?? names.get(node.id) ?? node.name,
          health: of,
          spoken: spoken(group === undefined ? node.kind : 'namespace', of),
          dimmed: reach !== undefined && !reach.has(node.id),
          focused: node.id === known,
          ...(group !== undefined && { group }),
          choose: group === undefined ? choose : () => expand(group.namespace),
        },
      }
    })
  }, [graph.nodes, groups, places, dragged, health, reach, known, choose, expand])

  const drawn = useMemo(
    () =>
      linesOf(
        graph.edges,
        (id) => dragged.get(id) ?? places.get(id),
        ({ client, server }) => reach === undefined || (reach.has(client) && reach.has(server)),
      ),
    [graph.edges, places, dragged, reach],
  )

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
      <LevelContext value={level}>
        <ReactFlow
          nodes={nodes}
          nodeTypes={NODE_TYPES}
          onNodesChange={onNodesChange}
          onNodeDragStop={() => keepPins(browserStorage(), dragged)}
          onPaneClick={() => choose(undefined)}
          onMove={look}
          fitView
          // Until it fits: as far away as it is then.
          {...(large && { defaultViewport: { x: 0, y: 0, zoom: MIN_ZOOM } })}
          fitViewOptions={{ maxZoom: 1, padding: 0.08 }}
          minZoom={MIN_ZOOM}
          maxZoom={2}
          colorMode={theme.isDark ? 'dark' : 'light'}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          deleteKeyCode={null}
          onlyRenderVisibleElements={large && level === 'all'}
          aria-label={say('graph.label', 'Causal graph: callers on the left, what they call on the right')}
        >
          {level === 'colour' ? null : <Background />}
          <CallLines drawn={drawn} labelled={known !== undefined} />
          <Controls showInteractive={false} />
          {pinned === 0 ? null : (
            <Panel position="top-right">
              <Button size="sm" variant="secondary" icon="gf-pin" onClick={letGo}>
                {say('graph.let-go', 'Let go of {{count}} that were moved', { count: pinned })}
              </Button>
            </Panel>
          )}
        </ReactFlow>
      </LevelContext>
    </div>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  canvas: css({
    height: 'min(70vh, 760px)',
    minHeight: 360,
    // There it is wider than high, whatever the screen is.
    [theme.breakpoints.down('md')]: { height: 360 },
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.canvas,
    // Nobody points at a node meanwhile, and to look for one in every frame takes long.
    '.react-flow__pane.dragging::after': { content: '""', position: 'absolute', inset: 0, zIndex: 10 },
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
