import type { Graph } from '@adf/contract'
import { useMemo } from 'react'
import { type healthOf, withGroups } from '../overview/health.ts'
import { Canvas } from './canvas.tsx'
import { grouped } from './groups.ts'

interface GroupedCanvasProps {
  readonly graph: Graph
  /** Namespaces that are drawn as one node each. */
  readonly collapsed: ReadonlySet<string>
  readonly health: ReturnType<typeof healthOf>
  readonly focus: string | undefined
  readonly choose: (id: string | undefined) => void
  readonly expand: (namespace: string) => void
}

/** The drawing, with some namespaces collapsed. */
export function GroupedCanvas({ graph, collapsed, health, focus, choose, expand }: GroupedCanvasProps) {
  const drawn = useMemo(() => grouped(graph, collapsed), [graph, collapsed])
  const drawnFocus = useMemo(
    // Of a service within a namespace that is collapsed, the namespace.
    () => [...drawn.groups].find(([, { members }]) => members.some(({ id }) => id === focus))?.[0] ?? focus,
    [drawn.groups, focus],
  )
  const healthOfDrawn = useMemo(() => withGroups(health, drawn.groups), [health, drawn.groups])
  return (
    <Canvas
      graph={drawn.graph}
      groups={drawn.groups}
      health={healthOfDrawn}
      focus={drawnFocus}
      choose={choose}
      expand={expand}
    />
  )
}
