import type { LogSummary, ServiceSummary, SpanSummary } from '@adf/contract'
import { expect, test } from 'vitest'
import { BadSummary, decodeSummary, encodeBegin, encodeStep } from './codec.ts'

const head = { shard: 'topic/3', epoch: 2, at: 5000, offset: 17 }
const COUNT = 50
const spans: SpanSummary = {
  latest_at: 4990,
  nodes: Array.from({ length: COUNT }, (_, n) => ({
    ...{ kind: 'service' as const, name: `service-${n}`, latency: [[1.5, 3]] as [number, number][] },
    slots: [[0, 3, 1, 4.5, 0]] as [number, number, number, number, number][],
    exemplars: [[4000, 'ab'.repeat(16)]] as [number, string][],
  })),
  operations: Array.from({ length: COUNT }, (_, n) => ({
    ...{ node: n, name: 'GET', spans: 3 },
    slots: [[0, 3, 4.5, 1]] as [number, number, number, number][],
  })),
  edges: Array.from({ length: COUNT - 1 }, (_, n) => ({
    ...{ client: n, server: n + 1, connection: 'call' as const, client_ms: 5, server_ms: 4 },
    ...{ gap: [1, 3] as [number, number], client_latency: [], server_latency: [] },
    slots: [[0, 3, 0, 1, 3, 0, 0]] as [number, number, number, number, number, number, number][],
  })),
  sights: [],
  clocks: [],
}
const services: ServiceSummary[] = [
  {
    entity: { id: 'service-1', kind: 'service' },
    ...{ spans_at: 4999, dialects: [], collections: [] },
    ...{ version: null, seen_at: 4999, requested_at: 4999, missed_at: 0, delays: [20, null] },
    steps: [{ at: 4000, requests: 3, failures: 1, arrived_at: 4999, latency: [[1.5, 3]] }],
  },
]

const logs: LogSummary = {
  templates: Array.from({ length: COUNT }, (_, n) => ({
    ...{ service: 'service-1', id: n + 1, words: [7, n + 2, 0], example: `read ${n} of 3` },
    parts: ['', 'read', ' ', `w${n}`, ' ', ''],
  })),
  records: Array.from({ length: COUNT }, (_, n) => ({ id: n + 1, slots: [[0, 3, 2]] })),
  transitions: [{ from: 1, to: 2, slots: [[0, 2]] }],
  exceptions: [{ service: 'service-1', type: 'IOError', example: 'no', slots: [[0, 1]] }],
}

test('a step goes into as many messages as its size asks for, and comes out whole', () => {
  const whole = encodeStep(head, { spans, services })
  expect(whole.map(decodeSummary)).toEqual([
    { version: 1, kind: 'step', ...head, part: 0, last: true, spans, services },
  ])
  const parts = encodeStep(head, { spans, services, logs }, 8000).map(decodeSummary)
  expect(parts.length).toBeGreaterThan(5)
  const edges: string[] = []
  const named = new Set<number>()
  let [requests, calls, records] = [0, 0, 0]
  for (const [at, part] of parts.entries()) {
    if (part.kind !== 'step') throw new Error('it is a step')
    expect(part).toMatchObject({ ...head, part: at, last: at === parts.length - 1 })
    const name = (node: number) => part.spans.nodes[node]?.name ?? ''
    for (const { slots } of part.spans.nodes) for (const [, count] of slots) requests += count
    for (const { node, slots } of part.spans.operations) {
      expect(name(node)).toMatch(/^service-/)
      for (const [, count] of slots) calls += count
    }
    for (const { id } of part.logs?.templates ?? []) named.add(id)
    for (const { id, slots } of part.logs?.records ?? []) {
      expect(named.has(id)).toBe(true)
      for (const [, count] of slots) records += count
    }
    for (const { client, server } of part.spans.edges) edges.push(`${name(client)} ${name(server)}`)
  }
  expect([requests, calls, records]).toEqual([3 * COUNT, 3 * COUNT, 3 * COUNT])
  const last = parts.at(-1)
  expect(last?.kind === 'step' && last.logs).toMatchObject({
    transitions: logs.transitions,
    exceptions: logs.exceptions,
  })
  expect(edges).toEqual(Array.from({ length: COUNT - 1 }, (_, n) => `service-${n} service-${n + 1}`))
})

test('what is no summary is refused with the place of the fault', () => {
  expect(decodeSummary(encodeBegin('t/0', 4))).toEqual({ version: 1, kind: 'begin', shard: 't/0', epoch: 4 })
  const bad = (value: string) => () => decodeSummary(Buffer.from(value))
  expect(bad('{')).toThrow(new BadSummary('it is no JSON'))
  expect(bad('{"version":2,"kind":"begin","shard":"a","epoch":1}')).toThrow(/^version: /)
  const edge = { ...spans.edges[0], client: -1 }
  const step = { version: 1, kind: 'step', ...head, part: 0, last: true, services: [] }
  expect(bad(JSON.stringify({ ...step, spans: { ...spans, edges: [edge] } }))).toThrow(
    /^spans\.edges\.0\.client: /,
  )
})
