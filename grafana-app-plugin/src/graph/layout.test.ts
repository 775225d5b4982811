import { expect, test } from 'vitest'
import { layered, NODE_HEIGHT, NODE_WIDTH, type Places, placed, type Shape } from './layout.ts'

const shapeOf = (...calls: string[]): Shape => {
  const ids = [...new Set(calls.flatMap((call) => call.split('>')))]
  const edges = calls.flatMap((call) => {
    const [client, server] = call.split('>')
    return client !== undefined && server !== undefined ? [{ client, server }] : []
  })
  return {
    nodes: ids.map((id) => ({
      id,
      name: id,
      kind: 'service' as const,
      rate: 0,
      error_rate: 0,
      latency: null,
      exclusive_ms: null,
      anomaly_score: null,
      last_seen: '2026-03-01T03:12:05.250Z',
    })),
    edges: edges.map((edge) => ({
      ...edge,
      connection: 'call' as const,
      calls: 0,
      failures: 0,
      rate: 0,
      error_rate: 0,
      client_latency: null,
      server_latency: null,
      gap_ms: null,
      last_seen: '2026-03-01T03:12:05.250Z',
    })),
  }
}
const x = (places: Places, id: string) => places.get(id)?.x ?? Number.NaN

test('a caller stands left of what it calls', () => {
  const places = layered(
    shapeOf('user>shop', 'shop>cart', 'shop>checkout', 'checkout>payment', 'cart>db', 'payment>db'),
  )
  expect(x(places, 'user')).toBeLessThan(x(places, 'shop'))
  expect(x(places, 'shop')).toBeLessThan(x(places, 'checkout'))
  expect(x(places, 'checkout')).toBeLessThan(x(places, 'payment'))
  expect(x(places, 'payment')).toBeLessThan(x(places, 'db'))
})

test('no two nodes cover each other, circles and calls to oneself included', () => {
  const calls = Array.from({ length: 60 }, (_, i) => `s${i % 20}>s${(i * 7 + 3) % 20}`)
  const all = [...layered(shapeOf(...calls, 's1>s1')).values()]
  for (const [i, a] of all.entries())
    for (const b of all.slice(i + 1))
      expect(Math.abs(a.x - b.x) >= NODE_WIDTH || Math.abs(a.y - b.y) >= NODE_HEIGHT).toBe(true)
})

test('the order in which nodes and edges come makes no difference', () => {
  const shape = shapeOf('a>b', 'a>c', 'b>d', 'c>d', 'd>e')
  const other = { nodes: shape.nodes.toReversed(), edges: shape.edges.toReversed() }
  expect([...layered(other)].sort()).toEqual([...layered(shape)].sort())
})

test('an edge to a node that is not there is left out', () => {
  const { nodes, edges } = shapeOf('a>b', 'b>gone')
  const places = layered({ nodes: nodes.filter(({ id }) => id !== 'gone'), edges })
  expect([...places.keys()]).toEqual(['a', 'b'])
})

test('what was placed stays, what is new covers nothing', () => {
  const before = placed(new Map(), shapeOf('a>b', 'a>c', 'a>d'))
  const after = placed(before, shapeOf('a>b', 'a>c', 'a>d', 'a>e'))
  for (const [id, place] of before) expect(after.get(id)).toEqual(place)
  const e = after.get('e')
  for (const [id, place] of before)
    expect([
      id,
      Math.abs(place.x - (e?.x ?? 0)) >= NODE_WIDTH || Math.abs(place.y - (e?.y ?? 0)) >= NODE_HEIGHT,
    ]).toEqual([id, true])
})

test('a node that went and came back is where it was', () => {
  const before = placed(new Map(), shapeOf('a>b', 'a>c'))
  const without = placed(before, shapeOf('a>b'))
  expect(placed(without, shapeOf('a>b', 'a>c'))).toBe(before)
})
