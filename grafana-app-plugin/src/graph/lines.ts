import type { GraphEdge } from '@adf/contract'
import { getBezierPath, getSmoothStepPath, Position } from '@xyflow/react'
import { NODE_HEIGHT, NODE_WIDTH, type Point } from './layout.ts'
import { goesBelow, twoWay } from './ways.ts'

type Call = Pick<GraphEdge, 'client' | 'server' | 'rate' | 'error_rate'>

/** Lines that look alike and begin near each other, as one path. */
interface Line {
  readonly key: string
  /** Data of an SVG path: curves, and an open arrow head at the end of each. */
  readonly path: string
  readonly width: number
  /** Calls fail. */
  readonly failing: boolean
  /** Neither calls nor is called by what is in focus. */
  readonly faded: boolean
}

/** The middle of a line, where something can be written on it. */
interface Middle<E> {
  readonly edge: E
  readonly x: number
  readonly y: number
}

export interface Drawn<E> {
  readonly lines: readonly Line[]
  /** Of those that are not faded. */
  readonly middles: readonly Middle<E>[]
}

const FAILING = 0.02
/** Paths of neighbours are joined: one element for each of a thousand calls costs more than what it draws; one for all would be painted whole for every part of the screen. */
const CELL = 1200

/**
 * The calls as lines between nodes that are placed: those to a node without a place and those of a node to itself are left out. `within`
 * says which are not faded. O(edges).
 */
export function linesOf<E extends Call>(
  edges: readonly E[],
  at: (id: string) => Point | undefined,
  within: (edge: E) => boolean,
): Drawn<E> {
  const both = twoWay(edges)
  const joined = new Map<string, Line & { path: string }>()
  const middles: Middle<E>[] = []
  for (const edge of edges) {
    const [from, to] = [at(edge.client), at(edge.server)]
    if (from === undefined || to === undefined || edge.client === edge.server) continue
    const mutual = both.has(JSON.stringify([edge.client, edge.server]))
    const width = widthOf(edge.rate)
    const course = goesBelow(edge, from, to)
      ? below(from, to, mutual, headOf(width))
      : across(from, to, mutual, headOf(width))
    const faded = !within(edge)
    if (!faded) middles.push({ edge, x: course.x, y: course.y })
    const failing = edge.error_rate >= FAILING
    const key = [Math.floor(from.x / CELL), Math.floor(from.y / CELL), width, failing, faded].join(' ')
    const before = joined.get(key)
    if (before === undefined) joined.set(key, { key, path: course.path, width, failing, faded })
    else before.path += course.path
  }
  return { lines: [...joined.values()], middles }
}

/** By order of magnitude: a hundred times the calls are thrice the width. */
const widthOf = (rate: number): number => Math.round(2 * (1 + Math.log10(1 + rate))) / 2
const headOf = (width: number): number => 6 + 2 * width

interface Course {
  readonly path: string
  readonly x: number
  readonly y: number
}

/** From the right side of one to the left side of the other. */
function across(from: Point, to: Point, mutual: boolean, head: number): Course {
  const [x, y] = [to.x, to.y + NODE_HEIGHT / 2]
  const course = courseOf(mutual, {
    sourceX: from.x + NODE_WIDTH,
    sourceY: from.y + NODE_HEIGHT / 2,
    sourcePosition: Position.Right,
    targetX: x,
    targetY: y,
    targetPosition: Position.Left,
  })
  const side = head / 2
  return { ...course, path: `${course.path}M${x - head},${y - side}L${x},${y}L${x - head},${y + side}` }
}

/** From the lower side of one to the lower side of the other. */
function below(from: Point, to: Point, mutual: boolean, head: number): Course {
  const [x, y] = [to.x + NODE_WIDTH / 2, to.y + NODE_HEIGHT]
  const course = courseOf(mutual, {
    sourceX: from.x + NODE_WIDTH / 2,
    sourceY: from.y + NODE_HEIGHT,
    sourcePosition: Position.Bottom,
    targetX: x,
    targetY: y,
    targetPosition: Position.Bottom,
  })
  const side = head / 2
  return { ...course, path: `${course.path}M${x - side},${y + head}L${x},${y}L${x + side},${y + head}` }
}

/** A pair that calls each other has angled lines. */
function courseOf(mutual: boolean, ends: Parameters<typeof getBezierPath>[0]): Course {
  const [path, x, y] = mutual
    ? getSmoothStepPath({ ...ends, offset: 24, borderRadius: 12 })
    : getBezierPath(ends)
  return { path, x, y }
}
