import { expect, it } from 'vitest'
import { pagerank } from './pagerank.ts'

const ranks = (nodes: number, edges: readonly (readonly [number, number, number])[]) =>
  pagerank(
    nodes,
    Uint32Array.from(edges, ([from]) => from),
    Uint32Array.from(edges, ([, to]) => to),
    Float64Array.from(edges, ([, , weight]) => weight),
  )

it('gives the published ranks of a small graph', () => {
  // Page et al.'s simplified example, damped by .85: A → B, C; B → C; C → A
  const [a, b, c] = ranks(3, [
    [0, 1, 1],
    [0, 2, 1],
    [1, 2, 1],
    [2, 0, 1],
  ])
  expect([a, b, c].map((rank) => Number(rank?.toFixed(4)))).toEqual([0.3878, 0.2148, 0.3974])
})

it('sums to one, also with ends that lead nowhere and edges that weigh nothing', () => {
  const all = ranks(4, [
    [0, 1, 3],
    [0, 2, 1],
    [3, 3, 0],
  ])
  expect(all.reduce((sum, rank) => sum + rank, 0)).toBeCloseTo(1, 6)
  expect(all[1]).toBeGreaterThan(all[2] ?? 1)
})
