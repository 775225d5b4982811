import { expect, test } from 'vitest'
import { NODE_HEIGHT, NODE_WIDTH, type Point } from './layout.ts'
import { linesOf } from './lines.ts'

const call = (client: string, server: string, more: object = {}) => ({
  client,
  server,
  rate: 9,
  error_rate: 0,
  ...more,
})
const PLACES = new Map<string, Point>([
  ['a', { x: 0, y: 0 }],
  ['b', { x: 400, y: 0 }],
  ['c', { x: 400, y: 200 }],
  ['far', { x: 5000, y: 0 }],
])
const at = (id: string) => PLACES.get(id)
const all = () => true
/** Curves that a path has. */
const curves = (path: string) => path.split('C').length - 1

test('calls that look alike and begin near each other are one path, with an arrow head each', () => {
  const { lines, middles } = linesOf([call('a', 'b'), call('a', 'c')], at, all)
  expect(lines).toHaveLength(1)
  const [line] = lines
  expect(line).toMatchObject({ width: 2, failing: false, faded: false })
  expect(curves(line?.path ?? '')).toBe(2)
  expect(line?.path).toContain(`M${NODE_WIDTH},${NODE_HEIGHT / 2}`)
  expect(line?.path).toContain(`L400,${NODE_HEIGHT / 2}L`)
  expect(line?.path).toContain(`L400,${200 + NODE_HEIGHT / 2}L`)
  expect(middles.map(({ edge }) => edge.server)).toEqual(['b', 'c'])
})

test('what fails, what is called more often, what is out of focus and what is far away are paths of their own', () => {
  const edges = [
    call('a', 'b'),
    call('a', 'c', { error_rate: 0.5 }),
    call('b', 'c', { rate: 999 }),
    call('c', 'b'),
    call('far', 'b'),
  ]
  const { lines, middles } = linesOf(edges, at, ({ client }) => client !== 'far')
  expect(lines.map(({ width, failing, faded }) => ({ width, failing, faded }))).toEqual([
    { width: 2, failing: false, faded: false },
    { width: 2, failing: true, faded: false },
    { width: 4, failing: false, faded: false },
    { width: 2, failing: false, faded: true },
  ])
  expect(middles).toHaveLength(4)
})

test('a call to a node that is not there, and one to itself, are left out', () => {
  expect(linesOf([call('a', 'gone'), call('gone', 'a'), call('a', 'a')], at, all)).toEqual({
    lines: [],
    middles: [],
  })
})

test('the way back leaves and arrives below, and both ways of a pair are angled', () => {
  const back = linesOf([call('b', 'a')], at, all).lines[0]?.path ?? ''
  expect(back).toContain(`M${400 + NODE_WIDTH / 2},${NODE_HEIGHT}`)
  expect(curves(back)).toBe(1)
  const pair = linesOf([call('a', 'b'), call('b', 'a')], at, all).lines[0]?.path ?? ''
  expect(curves(pair)).toBe(0)
})
