import { describe, expect, it } from 'vitest'
import { diffGraphs } from './diff.ts'
import { call, T0, testGraph } from './testing/traffic.ts'

const MINUTE = 60_000

describe('diffGraphs', () => {
  const test = testGraph({ half_life: MINUTE, forget_after: 20 * MINUTE })
  const resource = { 'service.version': '1' }
  for (let i = 0; i < 600; i++)
    test.send([...call('web', 'cart', { at: i * 1000, resource }), ...call('cart', 'old')], T0 + i * 1000)
  const before = test.graph.snapshot(T0 + 10 * MINUTE - 500)
  for (let i = 600; i < 2400; i++)
    test.send(
      [
        ...call('web', 'cart', {
          at: i * 1000,
          ms: 90,
          failed: i % 4 === 0,
          resource: { 'service.version': '2' },
        }),
        ...call('web', 'ads', { at: i * 1000 }),
      ],
      T0 + i * 1000,
    )
  test.graph.advance(T0 + 40 * MINUTE)
  const after = test.graph.snapshot(T0 + 40 * MINUTE)
  const diff = diffGraphs(before, after, 100)

  it('tells what came, what went and what is otherwise', () => {
    expect(diff).toMatchObject({ from: before.at, to: after.at, left_out: 0 })
    expect(diff.nodes).toMatchObject({ added: ['ads'], gone: ['old'] })
    expect(diff.edges.added).toEqual([{ client: 'web', server: 'ads', connection: 'call' }])
    expect(diff.edges.gone).toEqual([{ client: 'cart', server: 'old', connection: 'call' }])
    expect(diff.edges.changed).toMatchObject([{ client: 'web', server: 'cart', error_rate: { from: 0 } }])
    expect(diff.edges.changed[0]?.error_rate.to).toBeCloseTo(0.25, 1)
    expect(diff.edges.changed[0]?.latency_p95.to).toBeGreaterThan(70)
    expect(diff.changes).toMatchObject([{ service: 'web', what: 'version', from: '1', to: '2' }])
  })

  it('says nothing of what is the same, and counts what is past the limit', () => {
    const same = diffGraphs(after, after, 100)
    expect([same.nodes, same.edges]).toEqual(Array(2).fill({ added: [], gone: [], changed: [] }))
    const empty = { at: before.at, nodes: [], edges: [], placements: [], changes: [], clocks: [] }
    expect(diffGraphs(empty, after, 1)).toMatchObject({ left_out: 3, nodes: { added: ['web'] } })
  })
})
