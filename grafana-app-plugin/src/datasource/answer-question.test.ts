import anomaly from '@adf/contract/golden/anomaly.json'
import graph from '@adf/contract/golden/graph.json'
import incident from '@adf/contract/golden/incident.json'
import incidentPage from '@adf/contract/golden/incident-page.json'
import { FieldType } from '@grafana/data'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { AskError } from '../data/ask-error.ts'
import { handlers, PROCESSOR, processorSend } from '../testing/msw.ts'
import { DAY, framesOf, rowsOf } from '../testing/question.ts'
import { answer } from './answer-question.ts'
import { answersOf } from './frames/answer.ts'
import { Kind } from './query.ts'
import { valuesOf } from './variables.ts'

const server = setupServer(...handlers)
beforeAll(() => server.listen({ onUnhandledFrame: 'error' }))
afterEach(() => server.resetHandlers())
afterAll(() => server.close())

const ENTITY = { stream: 'service', entity: 'shop/payment/payment-1' }

test.each(Kind.options)('%s gives frames whose columns are of equal length', async (kind) => {
  const frames = await framesOf({ kind, ...ENTITY })
  expect(frames.length).toBeGreaterThan(0)
  for (const { fields, length } of frames) {
    for (const { name, values, type } of fields) {
      expect(values, name).toHaveLength(length)
      const known = values.filter((value) => value !== null)
      const types: Partial<Record<FieldType, string>> = {
        [FieldType.time]: 'number',
        [FieldType.number]: 'number',
        [FieldType.string]: 'string',
        [FieldType.boolean]: 'boolean',
      }
      const wanted = types[type]
      if (wanted !== undefined) for (const value of known) expect(typeof value, name).toBe(wanted)
    }
    expect(new Set(fields.map(({ name }) => name)).size).toBe(fields.length)
  }
})

test('incidents: a row each, with the first-ranked cause and a link', async () => {
  const [frame] = await framesOf({ kind: 'incidents' })
  expect(rowsOf(frame)[0]).toMatchObject({
    started: Date.parse(incident.started_at),
    state: 'open',
    cause: 'shop/payment',
    probability: 0.87,
    services: 'shop/payment, shop/checkout',
    resolved: null,
    incident: incident.id,
  })
  const link = frame?.fields.at(-1)?.config.links?.[0]
  const url = link?.onBuildUrl?.({ origin: frame, replaceVariables: () => 'a/b c' })
  expect(url).toBe('/a/adf-app/incidents/a%2Fb%20c')
  expect(answersOf(frame === undefined ? [] : [frame]).incidents).toHaveLength(incidentPage.items.length)
})

test('anomalies: a row each, with the feature that added most', async () => {
  const [frame] = await framesOf({ kind: 'anomalies', minScore: '0.5' })
  expect(rowsOf(frame)[0]).toMatchObject({
    time: Date.parse(anomaly.time),
    entity: anomaly.entity.id,
    score: 0.97,
    feature: 'latency_p95',
    why: 'latency_p95 is 840 ms, normally 95 to 130 ms',
  })
})

test('causes: the causes, and what speaks for each', async () => {
  const [causes, evidence] = await framesOf({ kind: 'causes', incident: incident.id })
  expect(rowsOf(causes)[0]).toMatchObject({
    service: 'shop/payment',
    probability: 0.87,
    path: 'shop/payment → shop/checkout → shop/frontend',
  })
  expect(rowsOf(evidence)[0]).toMatchObject({
    service: 'shop/payment',
    value: 840,
    expected: 112,
    unit: 'ms',
  })
})

test('scores: a value a minute, with the threshold that held then', async () => {
  const [frame] = await framesOf({ kind: 'scores', ...ENTITY })
  expect(frame?.fields.map(({ name }) => name)).toEqual(['time', 'severity', 'threshold'])
  const rows = rowsOf(frame)
  expect(rows.map(({ severity }) => severity)).toEqual([0.12, null, 0.31, 1.46])
  expect(rows[1]?.['time']).toBe(Date.parse('2026-03-01T03:11:00Z'))
  for (const { threshold } of rows) expect(typeof threshold).toBe('number')
})

test('scores without an entity say what is missing', async () => {
  await expect(framesOf({ kind: 'scores', stream: 'service' })).rejects.toThrow('give its stream and its id')
})

test('the graph is a node graph whose arcs sum to one', async () => {
  const [nodes, edges] = await framesOf({ kind: 'graph' })
  expect([nodes?.name, edges?.name]).toEqual(['nodes', 'edges'])
  for (const frame of [nodes, edges]) expect(frame?.meta?.preferredVisualisationType).toBe('nodeGraph')
  for (const row of rowsOf(nodes))
    expect(Number(row['arc__good']) + Number(row['arc__failed'])).toBeCloseTo(1)
  expect(rowsOf(edges)[0]).toMatchObject({ source: 'shop/payment', target: 'database:postgres' })
})

test('an edge to a missing node is left out, and that is said', async () => {
  const [edge] = graph.edges
  server.use(
    http.get(`${PROCESSOR}/api/graph`, () =>
      HttpResponse.json({ ...graph, edges: [...graph.edges, { ...edge, server: 'gone' }] }),
    ),
  )
  const [nodes, edges] = await framesOf({ kind: 'graph' })
  const ids = new Set(rowsOf(nodes).map(({ id }) => id))
  for (const { source, target } of rowsOf(edges)) expect(ids.has(source) && ids.has(target)).toBe(true)
  expect(edges?.length).toBe(graph.edges.length)
  expect(nodes?.meta?.notices?.[0]?.text).toMatch(/^1 edges are left out/)
})

test('the graph of a service is what it reaches', async () => {
  const [first] = graph.nodes
  const alone = { ...first, id: 'shop/alone', name: 'alone' }
  server.use(
    http.get(`${PROCESSOR}/api/graph`, () => HttpResponse.json({ ...graph, nodes: [...graph.nodes, alone] })),
  )
  const [all] = await framesOf({ kind: 'graph' })
  const [some] = await framesOf({ kind: 'graph', service: 'database:postgres' })
  expect(rowsOf(all).map(({ id }) => id)).toContain('shop/alone')
  expect(rowsOf(some).map(({ id }) => id)).toEqual(['shop/payment', 'database:postgres'])
})

test.each(['incidents', 'anomalies', 'changes'] as const)(
  '%s as annotations have what Grafana draws',
  async (kind) => {
    const [frame] = await framesOf({ kind, annotations: true })
    const names = frame?.fields.map(({ name }) => name)
    for (const name of ['time', 'title', 'text', 'tags']) expect(names).toContain(name)
  },
)

test('an open incident is a stretch to now', async () => {
  const [frame] = await framesOf({ kind: 'incidents', annotations: true })
  expect(rowsOf(frame)[0]).toMatchObject({ time: Date.parse(incident.started_at), timeEnd: DAY.to })
})

test('a list is read page by page to its limit, and more is told', async () => {
  const asked: URLSearchParams[] = []
  server.use(
    http.get(`${PROCESSOR}/api/incidents`, ({ request }) => {
      const { searchParams } = new URL(request.url)
      asked.push(searchParams)
      const count = Number(searchParams.get('limit'))
      return HttpResponse.json({ items: Array.from({ length: count }, () => incident), next_cursor: 'more' })
    }),
  )
  const [frame] = await framesOf({ kind: 'incidents', limit: 700 })
  expect(frame?.length).toBe(700)
  expect(asked.map((each) => each.get('limit'))).toEqual(['500', '200'])
  expect(asked[1]?.get('cursor')).toBe('more')
  expect(frame?.meta?.notices?.[0]?.text).toBe('only the newest 700 incidents of this time are shown')
})

test('a graph of long ago is asked for at its time', async () => {
  const asked: (string | null)[] = []
  server.use(
    http.get(`${PROCESSOR}/api/graph`, ({ request }) => {
      asked.push(new URL(request.url).searchParams.get('at'))
      return HttpResponse.json(graph)
    }),
  )
  const ask = (now: number) => answer({ kind: 'graph' }, { send: processorSend, span: DAY, now })
  await ask(DAY.to)
  await ask(DAY.to + 3_600_000)
  expect(asked).toEqual([null, '2026-03-02T00:00:00.000Z'])
})

test('an incident that is not there is said in the words of the processor', async () => {
  await expect(framesOf({ kind: 'causes', incident: 'none' })).rejects.toMatchObject({ kind: 'not_found' })
  await expect(framesOf({ kind: 'causes', incident: 'none' })).rejects.toBeInstanceOf(AskError)
})

test('without any incident there are no causes', async () => {
  server.use(
    http.get(`${PROCESSOR}/api/incidents`, () => HttpResponse.json({ items: [], next_cursor: null })),
  )
  expect(await framesOf({ kind: 'causes' })).toEqual([])
})

test.each([
  ['streams', ['service']],
  ['entities', ['shop/payment/payment-1']],
  ['services', ['shop/payment']],
  ['incidents', incidentPage.items.map(({ id }) => id)],
] as const)('the variable %s has its values', async (variable, values) => {
  expect((await valuesOf({ variable }, processorSend)).map(({ value }) => value)).toEqual(values)
})
