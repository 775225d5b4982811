import type { EntityPage, Graph } from '@adf/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningAdf, startAdf } from '../harness/adf.ts'
import { until } from '../harness/process.ts'
import { growth } from './memory.ts'
import { attribute, field, randomBytes, requestOf, wireSpan } from './protobuf.ts'
import { postJson, postProtobuf, tracesOf } from './requests.ts'
import { quick, Steady } from './steady.ts'

const MANY = 10_000
const LIMITS = {
  receiver: { max_services: 500, max_resources: 1000, max_strings: 5000 },
  edge: { ...quick.edge, max_entities: 800, max_series: 1000 },
  graph: {
    max_nodes: 600,
    max_edges: 1000,
    max_operations: 50,
    max_pending_spans: 16_384,
    pairing_window: '10s',
  },
}
/** Tables at these limits hold some megabytes; the rest is garbage that was not collected yet. */
const BOUND_MIB = 256

let adf: RunningAdf
let steady: Steady
beforeAll(async () => {
  adf = await startAdf({ ...quick, ...LIMITS })
  steady = new Steady(adf)
  await steady.ready()
})
afterAll(async () => {
  await steady?.stop()
  await adf?.stop()
})

const take = async (bytes: Uint8Array, signal: 'traces' | 'metrics' | 'logs' = 'traces') => {
  expect(await postProtobuf(adf.httpPort, signal, bytes)).toMatchObject({ status: 200 })
}
/** `MANY` of them in requests of a thousand each. */
async function flood(make: (i: number) => Buffer): Promise<void> {
  for (let from = 0; from < MANY; from += 1000) {
    await take(Buffer.concat(Array.from({ length: 1000 }, (_, i) => make(from + i))))
  }
}
const size = (what: string) => adf.metric('adf_graph_size', { what })
const limited = (limit: string) => adf.metric('adf_resources_limited_total', { limit })

describe('ten thousand new names', () => {
  test('of metric series', async () => {
    const point = (i: number) => ({
      timeUnixNano: `${Date.now()}000000`,
      asDouble: 0.5,
      attributes: [{ key: 'cpu', value: { stringValue: `cpu-${i}` } }],
    })
    for (let from = 0; from < MANY; from += 1000) {
      const dataPoints = Array.from({ length: 1000 }, (_, i) => point(from + i))
      const body = {
        resourceMetrics: [
          {
            resource: { attributes: [{ key: 'host.name', value: { stringValue: 'wide' } }] },
            scopeMetrics: [{ metrics: [{ name: 'system.cpu.utilization', gauge: { dataPoints } }] }],
          },
        ],
      }
      expect(await postJson(adf.httpPort, 'metrics', body)).toMatchObject({ status: 200 })
    }
    expect(await adf.metric('adf_feature_points_ignored_total')).toBeGreaterThan(0)
    expect(await adf.metric('adf_interned_entries', { table: 'attribute_sets' })).toBeLessThanOrEqual(5002)
  })

  test('that are very long', async () => {
    const long = (i: number, n: number) => `${i}-${n}-${'x'.repeat(100_000)}`
    const sixty = Array.from({ length: 60 }, (_, n) => n)
    const resource = (i: number) => [
      attribute(1, 'service.name', 'steady-front'),
      ...sixty.map((n) => attribute(1, n < 30 ? `${n}` : long(i, n), long(i, n))),
    ]
    const grew = await growth(adf, async () => {
      for (let i = 0; i < 30; i++) {
        const span = wireSpan({ name: long(i, 0), kind: 1 })
        await take(field(1, field(1, ...resource(i)), field(2, field(2, span))))
      }
    })
    expect(grew).toBeLessThan(BOUND_MIB)
  })

  test('of services', async () => {
    const grew = await growth(adf, () => flood((i) => requestOf(`flood-${i}`, wireSpan())))
    expect(grew).toBeLessThan(BOUND_MIB)
    expect(await limited('services')).toBeGreaterThanOrEqual(MANY - LIMITS.receiver.max_services)
    expect(await adf.metric('adf_interned_entries', { table: 'resources' })).toBeLessThanOrEqual(1600)
    expect(await size('nodes')).toBeLessThanOrEqual(LIMITS.graph.max_nodes)
    expect(await adf.metric('adf_scored_entities')).toBeLessThanOrEqual(LIMITS.edge.max_entities)
    const { nodes } = await adf.json<Graph>('/api/graph')
    expect(nodes.map(({ id }) => id)).toContain('(other)')
    await steady.expectUndisturbed()
  })

  test('of instances of one service', async () => {
    const instance = (i: number) =>
      field(
        1,
        field(
          1,
          attribute(1, 'service.name', 'steady-back'),
          attribute(1, 'service.instance.id', `pod-${i}`),
        ),
        field(2, field(2, wireSpan({ kind: 1, parent: randomBytes(8) }))),
      )
    const grew = await growth(adf, () => flood(instance))
    expect(grew).toBeLessThan(BOUND_MIB)
    // Those that are asked for once give their places to others after a while.
    expect(await limited('resources')).toBeGreaterThan(LIMITS.receiver.max_resources)
    expect(await adf.metric('adf_interned_entries', { table: 'resources' })).toBeLessThanOrEqual(1600)
  })

  test('of operations, with UUIDs in them', async () => {
    const uuid = () => randomBytes(16).toString('hex')
    // Names past the bound of all texts are one name; the others meet the bound of their service.
    const told = async () =>
      (await adf.metric('adf_graph_dropped_total', { reason: 'operation_limit' })) +
      (await adf.metric('adf_interned_overflowed_total', { table: 'strings' }))
    const before = await told()
    const grew = await growth(adf, () =>
      flood(() => requestOf('steady-front', wireSpan({ name: `GET /orders/${uuid()}`, kind: 1 }))),
    )
    expect(grew).toBeLessThan(BOUND_MIB)
    expect((await told()) - before).toBeGreaterThanOrEqual(MANY - 2 * LIMITS.graph.max_operations)
    expect(await adf.metric('adf_interned_entries', { table: 'strings' })).toBeLessThanOrEqual(5002)
    expect(await adf.metric('adf_interned_overflowed_total', { table: 'strings' })).toBeGreaterThan(0)
  })

  test('of peers and of URLs', async () => {
    const peer = (i: number) =>
      attribute(9, 'peer.service', `peer-${i}`).toString('latin1') +
      attribute(9, 'url.full', `http://peer/${randomBytes(16).toString('hex')}`).toString('latin1')
    const grew = await growth(adf, async () => {
      await flood((i) =>
        requestOf('steady-front', wireSpan({ kind: 3, rest: Buffer.from(peer(i), 'latin1') })),
      )
      await until('the calls have waited for their servers', async () => (await size('pending_spans')) < 4096)
    })
    expect(grew).toBeLessThan(BOUND_MIB)
    expect(await size('nodes')).toBeLessThanOrEqual(LIMITS.graph.max_nodes)
    expect(await size('edges')).toBeLessThanOrEqual(LIMITS.graph.max_edges)
    expect((await (await adf.get('/metrics')).text()).length).toBeLessThan(8 * 2 ** 20)
  })
})

describe('spans that find no partner', () => {
  test('whose parent never comes: pending stays bounded, evictions are counted', async () => {
    const dropped = (reason: string) => adf.metric('adf_graph_dropped_total', { reason })
    const before = await dropped('pending_limit')
    const grew = await growth(adf, async () => {
      for (let round = 0; round < 3; round++) {
        await flood(() => requestOf('orphans', wireSpan({ parent: randomBytes(8) })))
      }
    })
    expect(grew).toBeLessThan(BOUND_MIB)
    expect(await size('pending_spans')).toBeLessThanOrEqual(LIMITS.graph.max_pending_spans)
    expect(await dropped('pending_limit')).toBeGreaterThan(before)
  })
})

test('a batch that is sent again within the pairing window is counted once', async () => {
  await until(
    'the pending spans of the tests before are gone',
    async () => (await size('pending_spans')) < 1000,
  )
  const span = (i: number, child: boolean) => ({
    traceId: (i + 1).toString(16).padStart(32, 'd'),
    spanId: (child ? 2 : 1).toString(16).padStart(16, '0'),
    ...(child && { parentSpanId: '1'.padStart(16, '0') }),
    name: 'retry',
    kind: child ? 2 : 3,
    startTimeUnixNano: `${Date.now() - 30}000000`,
    endTimeUnixNano: `${Date.now()}000000`,
  })
  const calls = Array.from({ length: 50 }, (_, i) => i)
  const fronts = tracesOf('steady-front', ...calls.map((i) => span(i, false)))
  const backs = tracesOf('steady-retried', ...calls.map((i) => span(i, true)))
  const before = await adf.metric('adf_graph_duplicate_spans_total')
  for (let time = 0; time < 4; time++) {
    expect(await postJson(adf.httpPort, 'traces', fronts)).toMatchObject({ status: 200 })
    expect(await postJson(adf.httpPort, 'traces', backs)).toMatchObject({ status: 200 })
  }
  // The neighbour sends some of its requests twice too; that its edges stay exact is the test after this.
  expect(await adf.metric('adf_graph_duplicate_spans_total')).toBeGreaterThanOrEqual(before + 300)
})

test('through all of this the neighbour was not disturbed', async () => {
  await steady.expectUndisturbed()
  const page = await adf.json<EntityPage>('/api/entities?limit=500')
  expect(page.items.length).toBeGreaterThan(0)
  expect(adf.process.output()).toBe('')
})
