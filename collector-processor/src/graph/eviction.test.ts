import { describe, expect, it } from 'vitest'
import { call, span, T0, testGraph } from './testing/traffic.ts'

const ids = (test: ReturnType<typeof testGraph>, nowMs: number) =>
  test.graph.snapshot(nowMs).nodes.map(({ id }) => id)

describe('eviction', () => {
  it('lets a flood of new names drive out its own kind and nothing that is busy', async () => {
    const test = testGraph({ max_nodes: 40, max_edges: 40 })
    const busy = ['web', 'cart', 'stock', 'ads']
    let name = 0
    for (let second = -200; second < 600; second++) {
      const nowMs = T0 + second * 1000
      // `ads` is called once a minute only
      test.send(
        [...call('web', 'cart'), ...call('cart', 'stock'), ...(second % 60 === 0 ? call('web', 'ads') : [])],
        nowMs,
      )
      for (let i = 0; second > 0 && i < 20; i++)
        test.send(call(`flood-${name}`, `flood-${name++}-callee`), nowMs)
      test.graph.advance(nowMs)
      if (second > 0)
        for (const one of busy)
          expect(test.graph.tallies.nodes.find('service', one)).toBeGreaterThanOrEqual(0)
    }
    const now = T0 + 600_000
    expect(ids(test, now).length).toBeLessThanOrEqual(40)
    expect(test.edge('web', 'cart', now)?.calls).toBe(800)
    expect(test.edge('cart', 'stock', now)?.calls).toBe(800)
    expect(test.edge('web', 'ads', now)?.calls).toBe(13)
    expect(await test.dropped('node_evicted')).toBeGreaterThan(100)
    expect(await test.dropped('node_limit')).toBeGreaterThan(1000)
  })

  it('gives a newcomer the place of what fell silent, before the time of forgetting', async () => {
    const test = testGraph({ max_nodes: 10, half_life: 60_000, forget_after: 3_600_000 })
    for (let second = 0; second < 120; second++)
      for (let i = 0; i < 9; i++)
        test.send([span({ service: `old-${i}`, kind: 'internal' })], T0 + second * 1000)
    for (let second = 120; second < 1200; second++) {
      test.send(call('old-0', 'new', { at: second * 1000 }), T0 + second * 1000)
      test.graph.advance(T0 + second * 1000)
    }
    expect(ids(test, T0 + 1_200_000)).toContain('new')
    expect(test.edge('old-0', 'new', T0 + 1_200_000)?.calls).toBeGreaterThan(100)
  })

  it('keeps edges in use, and counts those that give way', async () => {
    const test = testGraph({ max_edges: 20 })
    for (let second = 0; second < 300; second++) {
      test.send([...call('a', 'b'), ...call(`x${second % 50}`, `y${second % 30}`)], T0 + second * 1000)
      test.graph.advance(T0 + second * 1000)
    }
    expect(test.edge('a', 'b', T0 + 300_000)?.calls).toBe(300)
    expect(test.graph.snapshot(T0 + 300_000).edges.length).toBeLessThanOrEqual(20)
    expect(await test.dropped('edge_evicted')).toBeGreaterThan(5)
  })

  it('gives operations in use their names back after a flood of others', async () => {
    const test = testGraph({ max_operations: 16 })
    for (let i = 0; i < 100; i++)
      test.send([span({ service: 'web', kind: 'server', name: `/user/${i}` })], T0)
    for (let second = 0; second < 300; second++) {
      test.send(
        [span({ service: 'web', kind: 'server', name: 'GET /', at: second * 1000 })],
        T0 + second * 1000,
      )
      test.graph.advance(T0 + second * 1000)
    }
    const operations = test.graph.operations('web', T0 + 300_000)?.operations ?? []
    expect(operations.map(({ operation }) => operation)).toContain('GET /')
    expect(await test.dropped('operation_evicted')).toBeGreaterThan(0)
  })
})
