import { describe, expect, it } from 'vitest'
import { call, span, T0, testGraph } from './testing/traffic.ts'

const MINUTE = 60_000
const of = (resource: Record<string, string>, service = 'cart') => [
  span({ service, kind: 'server', resource }),
]
const changes = (test: ReturnType<typeof testGraph>) =>
  test.graph
    .snapshot(T0 + 60 * MINUTE)
    .changes.map(({ at, what, from, to }) => `${(Date.parse(at) - T0) / 1000} ${what} ${from} -> ${to}`)

describe('runs on', () => {
  it('tells hosts and pods of instances, and joins a pod with the node that another resource names', () => {
    const test = testGraph()
    test.send(of({ 'service.instance.id': 'a', 'host.name': 'h1' }), T0)
    test.send(of({ 'service.instance.id': 'b', 'k8s.pod.name': 'p', 'k8s.namespace.name': 'shop' }), T0)
    const kubelet = { 'k8s.pod.name': 'p', 'k8s.namespace.name': 'shop', 'k8s.node.name': 'n7' }
    test.send([span({ service: '', resource: kubelet })], T0)
    test.send(of({}, 'nowhere'), T0)
    const { placements } = test.graph.snapshot(T0)
    expect(placements.map(({ last_seen, ...one }) => one)).toEqual([
      { service: 'cart', instance: 'a', pod: null, node: null, host: 'h1' },
      { service: 'cart', instance: 'b', pod: 'shop/p', node: 'n7', host: null },
    ])
    expect(test.graph.evidence(T0, T0 + 4999).placements).toEqual([
      { service: 'cart', host: 'h1' },
      { service: 'cart', host: 'n7' },
    ])
  })

  it('lets the instance go that was not seen for longest, and forgets what is quiet', async () => {
    const test = testGraph({ max_nodes: 10, forget_after: 10 * MINUTE })
    const busy = of({ 'service.instance.id': 'busy', 'host.name': 'h' })
    for (let i = 0; i < 100; i++) {
      test.send(busy, T0 + i * 2000)
      test.send(of({ 'service.instance.id': `i${i}`, 'host.name': 'h' }), T0 + i * 2000)
    }
    const instances = test.graph.snapshot(T0 + 200_000).placements.map(({ instance }) => instance)
    expect(instances).toHaveLength(20)
    expect(instances).toContain('busy')
    expect(await test.dropped('relation_limit')).toBeGreaterThanOrEqual(81)
    test.graph.advance(T0 + 30 * MINUTE)
    expect(test.graph.snapshot(T0 + 30 * MINUTE).placements).toEqual([])
  })
})

describe('deployed', () => {
  it('makes one change of a rolling deployment, however often old and new come in turn', () => {
    const test = testGraph()
    for (let second = 0; second < 600; second += 2) {
      const old = second < 500 && second % 4 === 0
      const version = second < 100 || old ? '1' : '2'
      test.send(
        of({ 'service.version': version, 'service.instance.id': `i${second % 6}` }),
        T0 + second * 1000,
      )
    }
    expect(changes(test)).toEqual(['102 version 1 -> 2'])
    expect(test.graph.evidence(T0 + 10 * MINUTE, T0 + 11 * MINUTE).changes).toEqual([
      { service: 'cart', what: 'version', from: '1', to: '2', atMs: T0 + 102_000 },
    ])
  })

  it('tells a value that comes back after a while, as a rollback does, and no first value', () => {
    const test = testGraph()
    for (const [minute, version] of [
      [0, '1'],
      [1, '2'],
      [8, '2'],
      [9, '1'],
      [10, '1'],
    ] as const)
      test.send(of({ 'service.version': version }), T0 + minute * MINUTE)
    test.send(of({ 'service.version': '9' }, 'other'), T0 + 11 * MINUTE)
    expect(changes(test)).toEqual(['60 version 1 -> 2', '540 version 2 -> 1'])
  })

  it('tells images and configuration, also by keys that config names', () => {
    const test = testGraph()
    const image = { 'container.image.name': 'shop/cart' }
    test.send(of({ ...image, 'container.image.tag': 'a', 'config.hash': 'x', 'shop.flags': 'off' }), T0)
    test.send(
      of({ ...image, 'container.image.tag': 'b', 'config.hash': 'y', 'shop.flags': 'on' }),
      T0 + MINUTE,
    )
    expect(changes(test)).toEqual([
      '60 image shop/cart:a -> shop/cart:b',
      '60 config x -> y',
      '60 config off -> on',
    ])
  })

  it('takes an attribute with ever new values for what tells instances apart', async () => {
    const test = testGraph()
    for (let i = 0; i < 500; i++) test.send(of({ 'config.hash': `${i}` }), T0 + i * 100)
    expect(changes(test).length).toBeLessThan(10)
    expect(await test.dropped('relation_limit')).toBeGreaterThan(400)
  })

  it('learns from resources of metrics and logs too', () => {
    const test = testGraph()
    const batch = test.batchOf(call('web', 'cart', { resource: { 'service.version': '1' } }))
    test.graph.resources(batch.resources, T0)
    test.graph.resources(test.batchOf(of({ 'service.version': '2' }, 'web')).resources, T0 + MINUTE)
    expect(changes(test)).toEqual(['60 version 1 -> 2'])
  })
})
