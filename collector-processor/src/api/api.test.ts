import { createHash } from 'node:crypto'
import {
  AnomalyPage,
  EntityJudgement,
  EntityPage,
  type Graph,
  IncidentExport,
  Problem,
  Ranking,
  type Route,
  routes,
  ScoreAnswer,
  SloReport,
  Status,
  Verdict,
} from '@adf/contract'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sampleAnomaly, sampleIncident } from '../store/sample.test-data.ts'
import { startApi } from './api.test-server.ts'
import { objections } from './promtool.test-tool.ts'

let server: Awaited<ReturnType<typeof startApi>>
beforeEach(async () => {
  server = await startApi()
})
afterEach(() => server.stop())
const problem = (json: unknown) => Problem.parse(json)

test('every route of the contract is there', async () => {
  for (const [name, route] of Object.entries<Route>(routes)) {
    const path = route.path.replace(/\{\w+\}/g, 'none')
    const { status, json, type } = await server.send(
      route.method.toUpperCase(),
      path,
      route.body.types.length ? {} : undefined,
    )
    const reached =
      status < 300 ||
      (problem(json).detail ?? '').match(/^there is no (anomaly|incident|verdict) none|stream none/) !== null
    expect([name, reached || status === 400]).toEqual([name, true])
    if (status >= 400) expect(type).toContain('application/problem+json')
  }
})

describe('bad requests', () => {
  test.each<[string, string, number, string, unknown?]>([
    ['GET', '/api/anomalies?colour=red', 400, 'invalid_request'],
    ['GET', '/api/anomalies?limit=0', 400, 'invalid_request'],
    ['GET', '/api/anomalies?limit=abc', 400, 'invalid_request'],
    ['GET', '/api/anomalies?min_score=1.1', 400, 'invalid_request'],
    ['GET', '/api/anomalies?from=yesterday', 400, 'invalid_request'],
    ['GET', '/api/anomalies?stream=a&stream=b', 400, 'invalid_request'],
    ['GET', '/api/graph?x=1', 400, 'invalid_request'],
    ['GET', '/api/anomalies/none', 404, 'not_found'],
    ['GET', '/api/anomalies/stream/none', 404, 'unknown_stream'],
    ['GET', '/api/incidents/none', 404, 'not_found'],
    ['GET', '/api/root-causes?incident=none', 404, 'not_found'],
    ['GET', '/api/nothing', 404, 'not_found'],
    ['DELETE', '/api/anomalies/none', 404, 'not_found'],
    ['PUT', '/api/graph', 405, 'method_not_allowed', {}],
    ['POST', '/api/anomaly', 400, 'malformed_body', '{'],
    ['POST', '/api/anomaly', 400, 'invalid_request', {}],
    ['POST', '/api/anomaly', 404, 'unknown_stream', { stream: 'none', entity: 'a', features: {} }],
    ['POST', '/api/anomaly', 400, 'invalid_request', { stream: 'service', entity: 'a', features: { x: 1 } }],
    [
      'POST',
      '/api/anomaly',
      400,
      'invalid_request',
      { stream: 'service', entity: 'a', features: { latency_p95: 'x' } },
    ],
    ['POST', '/api/feedback', 400, 'invalid_request', { verdict: 'true_positive' }],
    ['POST', '/api/feedback', 404, 'not_found', { verdict: 'true_positive', anomaly_id: 'none' }],
    [
      'POST',
      '/api/feedback',
      413,
      'request_too_large',
      { verdict: 'true_positive', anomaly_id: 'a', note: 'x'.repeat(2 ** 20) },
    ],
    ['PUT', '/api/thresholds', 400, 'invalid_request', { stream: 'service', entity_id: 'a', value: 2.1 }],
    ['PUT', '/api/thresholds', 404, 'unknown_stream', { stream: 'none', entity_id: 'a', value: 0.5 }],
  ])('%s %s: %d %s', async (method, path, status, code, body) => {
    const answer = await server.send(method, path, body)
    expect(answer.status).toBe(status)
    expect(answer.type).toContain('application/problem+json')
    expect(problem(answer.json)).toMatchObject({ status, code })
  })

  test('say what is wrong where', async () => {
    const { json } = await server.get('/api/anomalies?limit=501&min_score=-1')
    expect(
      problem(json)
        .errors?.map(({ path }) => path)
        .sort(),
    ).toEqual(['limit', 'min_score'])
    const { json: features } = await server.send('POST', '/api/anomaly', {
      stream: 'service',
      entity: 'a',
      features: { latency: 1 },
    })
    expect(problem(features).errors).toEqual([
      {
        path: 'features.latency',
        message: 'stream service has no such feature; it has latency_p95, error_rate',
      },
    ])
  })

  test('a body of another type is not read', async () => {
    const { status } = await server.send('POST', '/api/feedback', 'a=b', {
      'content-type': 'application/x-www-form-urlencoded',
    })
    expect(status).toBe(415)
  })
})

test('anomalies: pages, filters, one, deletion', async () => {
  for (const n of [1, 2, 3]) await server.store.anomalies.add(sampleAnomaly(n))
  await server.store.anomalies.add(sampleAnomaly(4, { stream: 'host', score: 0.99 }))
  const ids = async (query: string) =>
    AnomalyPage.parse((await server.get(`/api/anomalies${query}`)).json).items.map(({ id }) =>
      Number.parseInt(id, 10),
    )
  const first = AnomalyPage.parse((await server.get('/api/anomalies?limit=3')).json)
  expect(first.items.map(({ id }) => Number.parseInt(id, 10))).toEqual([4, 3, 2])
  expect(await ids(`?limit=3&cursor=${first.next_cursor}`)).toEqual([1])
  expect(await ids('?min_score=0.95')).toEqual([4])
  expect(await ids('?stream=host')).toEqual([4])
  expect(await ids('/stream/service?limit=2')).toEqual([3, 2])
  expect(await ids('?from=1970-01-01T00:00:02.900Z&to=1970-01-01T01:00:03.900%2B01:00')).toEqual([3])
  expect((await server.get(`/api/anomalies/${sampleAnomaly(1).id}`)).json).toEqual(sampleAnomaly(1))
  expect((await server.send('DELETE', `/api/anomalies/${sampleAnomaly(1).id}`)).status).toBe(204)
  expect((await server.get(`/api/anomalies/${sampleAnomaly(1).id}`)).status).toBe(404)
})

test('a vector of the caller is scored', async () => {
  const request = { stream: 'service', entity: 'payment/1', features: { latency_p95: 840, error_rate: null } }
  const { status, json } = await server.send('POST', '/api/anomaly', request)
  expect(status).toBe(200)
  expect(ScoreAnswer.parse(json)).toMatchObject({ is_anomaly: true, score: 0.9 })
  expect(server.told.scored).toEqual([request])
})

test('root causes: now, and those of an incident', async () => {
  expect(Ranking.parse((await server.get('/api/root-causes?top=2')).json).causes).toHaveLength(2)
  await server.store.incidents.save(sampleIncident(1))
  const { json } = await server.get(`/api/root-causes?incident=${sampleIncident(1).id}`)
  expect(Ranking.parse(json).causes).toEqual(sampleIncident(1).causes)
})

test('an incident is exported with what happened to it, and as a post-mortem', async () => {
  const { id } = sampleIncident(1)
  await server.store.incidents.save(sampleIncident(1))
  await server.store.anomalies.add(sampleAnomaly(1, { incident_id: id }))
  const entry = {
    at: '1970-01-01T00:00:02.000Z',
    kind: 'alert' as const,
    subject: 'alertmanager/0',
    text: 'sent',
  }
  await server.store.incidentHistory.note(id, entry)
  await server.send('POST', '/api/feedback', { incident_id: id, verdict: 'true_positive', note: 'a | b' })
  const exported = IncidentExport.parse((await server.get(`/api/incidents/${id}/export`)).json)
  expect(exported.timeline.map(({ kind }) => kind)).toEqual(['anomaly', 'opened', 'alert', 'verdict'])
  expect(exported).toMatchObject({ anomalies: [{ id: sampleAnomaly(1).id }], anomalies_left_out: 1 })
  const report = await server.get(`/api/incidents/${id}/report`)
  expect(report.type).toBe('text/markdown; charset=utf-8')
  expect(report.text).toContain('somebody says: useful; a \\| b')
  expect((await server.get('/api/incidents/none/report')).status).toBe(404)
})

test('the calls of an exported incident are those of its time once it is over', async () => {
  const call = (client: string, server: string): Graph['edges'][number] => ({
    client,
    server,
    connection: 'call',
    calls: 1,
    failures: 0,
    rate: 1,
    error_rate: 0,
    client_latency: null,
    server_latency: null,
    gap_ms: null,
    last_seen: '1970-01-01T00:00:01.000Z',
  })
  const rest = { at: '1970-01-01T00:00:01.000Z', nodes: [], placements: [], changes: [], clocks: [] }
  await server.stop()
  server = await startApi({
    graph: () => ({ ...rest, edges: [call('cart', 'payment')] }),
    graphAt: (ms) => (ms === 5000 ? { ...rest, edges: [call('payment', 'cart')] } : undefined),
  })
  const services = ['cart', 'payment']
  const over = { state: 'resolved' as const, resolved_at: '1970-01-01T00:00:05.000Z' }
  await server.store.incidents.save(sampleIncident(1, { services }))
  await server.store.incidents.save(sampleIncident(2, { services, ...over }))
  await server.store.incidents.save(
    sampleIncident(3, { services, ...over, resolved_at: '1970-01-01T00:00:04.000Z' }),
  )
  const clients = [1, 2, 3].map(async (n) => {
    const { json } = await server.get(`/api/incidents/${sampleIncident(n).id}/export`)
    return IncidentExport.parse(json).calls.map(({ client }) => client)
  })
  expect(await Promise.all(clients)).toEqual([['cart'], ['payment'], ['cart']])
})

test('entities come in pages, by stream and service', async () => {
  const ids = async (query: string) => {
    const page = EntityPage.parse((await server.get(`/api/entities${query}`)).json)
    return [page.items.map(({ entity }) => entity.id), page.next_cursor]
  }
  expect(await ids('?limit=2')).toEqual([['cart/1', 'payment/1'], 'payment/1'])
  expect(await ids('?limit=2&cursor=payment/1')).toEqual([['payment/2'], null])
  expect(await ids('?service=payment')).toEqual([['payment/1', 'payment/2'], null])
  expect(await ids('?stream=host')).toEqual([[], null])
})

test('the judgement of an entity, or that there is none', async () => {
  const judgement = (stream: string, entity: string) =>
    server.get(`/api/judgement?stream=${stream}&entity=${encodeURIComponent(entity)}`)
  expect(EntityJudgement.parse((await judgement('service', 'payment/1')).json)).toMatchObject({
    entity_id: 'payment/1',
    ready: false,
  })
  expect(await judgement('service', 'search/1')).toMatchObject({ status: 404, json: { code: 'not_found' } })
  expect(await judgement('none', 'payment/1')).toMatchObject({ json: { code: 'unknown_stream' } })
  expect((await server.get('/api/judgement?stream=service')).status).toBe(400)
})

test('status, objectives, health and readiness', async () => {
  expect(Status.parse((await server.get('/api/status')).json)).toMatchObject({
    version: '1.2.3',
    ready: true,
  })
  expect(SloReport.parse((await server.get('/api/slo')).json).objectives).toEqual([])
  expect((await server.get('/health')).json).toEqual({ status: 'ok' })
  expect((await server.get('/ready')).status).toBe(200)
  server.state.ready = false
  const { status, json } = await server.get('/ready')
  expect([status, problem(json)['reasons']]).toEqual([503, ['database is closed']])
  expect((await server.get('/health')).status).toBe(200)
})

test('events go to the router that takes them', async () => {
  await server.send('POST', '/api/events/transactions', { amount: 1 })
  expect(server.told.events).toEqual(['/transactions'])
})

test('the root and the link of an alert lead somewhere', async () => {
  expect((await server.get('/')).text).toContain('swagger-ui')
  const missing = await server.get('/incidents/none')
  expect(missing.status).toBe(404)
  expect(missing.text).toContain('there is no incident none')
})

test('the documentation needs nothing from elsewhere', async () => {
  const page = await server.get('/docs')
  expect(page.type).toContain('text/html')
  const links = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link ?? '')
  expect(links).toHaveLength(4)
  for (const link of links) {
    expect(link).not.toMatch(/^(https?:)?\/\//)
    const { status, text } = await server.get(`/${link}`)
    expect([link, status, text.length > 50]).toEqual([link, 200, true])
  }
  expect((await server.get('/openapi.json')).json).toMatchObject({
    openapi: '3.1.1',
    info: { version: '1.2.3' },
  })
})

test('the graph of the past, what changed since, and operations', async () => {
  const graph: Graph = {
    at: '2026-03-01T03:00:00.000Z',
    nodes: [],
    edges: [],
    placements: [],
    changes: [],
    clocks: [],
  }
  await server.stop()
  server = await startApi({
    clock: () => Date.parse('2026-03-01T03:30:00.000Z'),
    graphAt: (ms) => (ms < Date.parse(graph.at) ? undefined : graph),
  })
  expect((await server.get('/api/graph?at=2026-03-01T03:10:00Z')).json).toEqual(graph)
  const diff = await server.get('/api/graph/diff?from=2026-03-01T03:10:00Z')
  expect(diff.json).toMatchObject({ from: graph.at, nodes: { added: ['checkout', 'payment'], gone: [] } })
  expect((await server.get('/api/graph/operations?service=cart')).json).toMatchObject({ service: 'cart' })
  for (const [path, status] of [
    ['/api/graph?at=yesterday', 400],
    ['/api/graph?at=2026-03-01T04:00:00Z', 400],
    ['/api/graph?at=2026-02-01T00:00:00Z', 404],
    ['/api/graph/diff', 400],
    ['/api/graph/diff?from=2026-02-01T00:00:00Z', 404],
    ['/api/graph/diff?from=2026-03-01T03:10:00Z&to=2026-03-01T03:10:00Z', 400],
    ['/api/graph/diff?from=2026-03-01T03:10:00Z&limit=0', 400],
    ['/api/graph/operations', 400],
    ['/api/graph/operations?service=none', 404],
  ] as const)
    expect([path, (await server.get(path)).status]).toEqual([path, status])
})

test('metrics satisfy promtool, and requests are counted by route', async () => {
  await server.get('/api/incidents/none')
  await server.get('/api/graph')
  await server.get('/no/such/path')
  const { text } = await server.get('/metrics')
  expect(text).toContain('adf_api_requests_total{route="getIncident",status="404"} 1')
  expect(text).toContain('adf_api_requests_total{route="getGraph",status="200"} 1')
  expect(text).toContain('adf_api_requests_total{route="other",status="404"} 1')
  expect(objections(text) ?? '').toBe('')
})

describe('with tokens', () => {
  const scopes = ['ingest', 'read', 'feedback', 'admin'] as const
  const token = (name: string) => `token-${name}`
  const bearer = (name: string) => ({ authorization: `Bearer ${token(name)}` })
  beforeEach(async () => {
    await server.stop()
    server = await startApi({
      tokens: scopes.map((scope) => ({
        name: scope,
        sha256: createHash('sha256').update(token(scope)).digest('hex'),
        scopes: [scope],
      })),
    })
  })

  test('each route wants its scope', async () => {
    for (const [name, route] of Object.entries<Route>(routes)) {
      if (name === 'streamAlerts') continue
      const path = route.path.replace(/\{\w+\}/g, 'none')
      const body = route.body.types.length ? {} : undefined
      const call = async (headers: Record<string, string>) =>
        (await server.send(route.method.toUpperCase(), path, body, headers)).status
      const without = await call({})
      const others = await Promise.all(
        scopes.map(async (scope) => [scope, await call(bearer(scope))] as const),
      )
      for (const [scope, status] of others) {
        const may = route.scope === null || scope === 'admin' || scope === route.scope
        expect([name, scope, status === 403]).toEqual([name, scope, !may])
      }
      expect([name, without === 401]).toEqual([name, route.scope !== null])
    }
  })

  test('the verdict carries the name of the token', async () => {
    await server.store.incidents.save(sampleIncident(1))
    const { json } = await server.send(
      'POST',
      '/api/feedback',
      { incident_id: sampleIncident(1).id, verdict: 'true_positive' },
      bearer('feedback'),
    )
    expect(Verdict.parse(json).author).toBe('feedback')
  })
})
