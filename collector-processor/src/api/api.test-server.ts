import type { EntityStatus, Graph, ScoreRequest } from '@adf/contract'
import { createLogger, createRegistry, TokenAuthority, type TokenEntry } from '@adf/service'
import { sampleCause, sampleRanking } from '../rootcause/sample.test-data.ts'
import { openSqliteStore } from '../store/sqlite.ts'
import type { AlertServerOptions } from './alerts/server.ts'
import { createApi } from './api.ts'
import type { ApiPorts, Judgement } from './ports.ts'

const at = '2026-03-01T03:12:05.250Z'
const node = { kind: 'service', rate: 1, error_rate: 0, latency: null, exclusive_ms: null } as const
const graph: Graph = {
  at,
  nodes: ['checkout', 'payment'].map((id) => ({ ...node, id, name: id, anomaly_score: null, last_seen: at })),
  edges: [],
  placements: [],
  changes: [],
  clocks: [],
}
const ranking = sampleRanking(at, [
  sampleCause('payment', 0.6),
  sampleCause('cart', 0.2),
  sampleCause('search', 0.1),
])
const entityStatus = (id: string): EntityStatus => ({
  entity: { id, kind: 'service', service: id.split('/')[0] ?? '' },
  last_seen: at,
  streams: [],
  dialects: [],
  delay_ms: null,
  skew_ms: 0,
  problem: null,
})

/** The API on a free port with a real store in memory; what other parts would answer is fixed, and what they are told is kept. */
export async function startApi(
  more: {
    tokens?: TokenEntry[]
    alerts?: AlertServerOptions
    clock?: () => number
    mostThresholds?: number
    graph?: () => Graph
    graphAt?: (ms: number) => Graph | undefined
  } = {},
) {
  const clock = more.clock ?? Date.now
  const store = await openSqliteStore({
    path: ':memory:',
    clock,
    ...(more.mostThresholds !== undefined && { mostThresholds: more.mostThresholds }),
  })
  const registry = createRegistry()
  const state = { ready: true }
  const told: { thresholds: number[]; judgements: Judgement[]; scored: ScoreRequest[]; events: string[] } = {
    thresholds: [],
    judgements: [],
    scored: [],
    events: [],
  }
  const entities = ['cart/1', 'payment/2', 'payment/1', 'search/1'].map((id) => ({
    entity: entityStatus(id).entity,
    streams: ['service'],
  }))
  const ports: ApiPorts = {
    store,
    graph: more.graph ?? (() => graph),
    graphAt: async (ms) => more.graphAt?.(ms),
    operations: (service) =>
      service === 'cart' ? { at, service, window_seconds: 300, operations: [] } : undefined,
    rank: (top) => ({ ...ranking, causes: ranking.causes.slice(0, top) }),
    features: (stream) => (stream === 'service' ? ['latency_p95', 'error_rate'] : undefined),
    score: (request) => {
      told.scored.push(request)
      return {
        warm: true,
        score: 0.9,
        severity: 0.9,
        threshold: 0.8,
        is_anomaly: true,
        type: 'point',
        detector: 'robust',
        contributions: [],
      }
    },
    entities: () => entities,
    entity: (id) => (id === 'search/1' ? undefined : entityStatus(id)),
    judgement: (stream, id) =>
      id === 'search/1'
        ? undefined
        : {
            stream,
            entity_id: id,
            time: at,
            ready: false,
            severity: null,
            threshold: 0.8,
            leading: null,
            features: [],
            detectors: [],
          },
    slo: () => ({ at, objectives: [] }),
    status: () => ({
      ready: true,
      telemetry: {
        spans: { count: 1, last_at: at },
        metrics: { count: 0, last_at: null },
        logs: { count: 0, last_at: null },
        events: { count: 0, last_at: null },
      },
      streams: ['service'],
      detectors: ['robust'],
      entities: { total: 4, warming_up: 0, scored: 4 },
      graph: { nodes: 2, edges: 0 },
      incidents: { open: 0 },
      store: { writable: true, last_error: null },
      deliveries: [],
      federation: null,
      kafka: null,
    }),
    initialThreshold: 0.8,
    thresholdsChanged: async () => void told.thresholds.push(await store.thresholds.version()),
    severities: () => undefined,
    judged: async (judgement) => {
      told.judgements.push(judgement)
    },
  }
  const api = createApi({
    ports,
    listener: { host: '127.0.0.1', port: 0 },
    auth: new TokenAuthority(more.tokens ?? []),
    insecure: false,
    registry,
    log: createLogger({ name: 'test', level: 'silent' }),
    clock,
    version: '1.2.3',
    ready: () =>
      state.ready ? { ready: true, reasons: [] } : { ready: false, reasons: ['database is closed'] },
    events: (request, response) => {
      told.events.push(request.path)
      response.json({ accepted: 1, rejected: 0, errors: [] })
    },
    ...(more.alerts === undefined ? {} : { alerts: more.alerts }),
  })
  await api.start()
  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${api.url}${path}`, {
      method,
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const type = response.headers.get('content-type') ?? ''
    const json: unknown = type.includes('json') ? JSON.parse(text) : undefined
    return { status: response.status, type, text, json, headers: response.headers }
  }
  return {
    api,
    store,
    registry,
    told,
    state,
    send,
    get: (path: string, headers?: Record<string, string>) => send('GET', path, undefined, headers),
    stop: async () => {
      await api.stop()
      await store.close()
    },
  }
}
