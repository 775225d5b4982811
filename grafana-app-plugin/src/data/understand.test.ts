import { Graph } from '@adf/contract'
import graph from '@adf/contract/golden/graph.json'
import { expect, test } from 'vitest'
import { understand } from './understand.ts'

test('an answer of a newer processor is read without what is new in it', () => {
  const newer = {
    ...graph,
    colour: 'red',
    nodes: graph.nodes.map((node) => ({
      ...node,
      owner: 'ada',
      latency: node.latency && { ...node.latency, p999: 1 },
    })),
  }
  expect(understand(Graph, newer)).toEqual(graph)
  expect(newer.colour).toBe('red')
})

test('a field that is missing or wrong is named', () => {
  const [first, ...others] = graph.edges
  const { client: _, ...torn } = first ?? {}
  expect(() => understand(Graph, { ...graph, more: 1, edges: [torn, ...others] })).toThrow(
    /^edges\.0\.client: /,
  )
})

test.each([['<html>'], [null], [undefined], [[]]])('%s is not understood', (answer) => {
  expect(() => understand(Graph, answer)).toThrow(expect.objectContaining({ kind: 'not_understood' }))
})
