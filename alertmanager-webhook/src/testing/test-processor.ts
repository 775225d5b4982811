import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type SloReport, type Threshold, type ThresholdChange, ThresholdRequest } from '@adf/contract'

/**
 * What the network makes of a PUT: `work`; `lose_request`: the connection breaks before the processor has read it; `lose_answer`: it breaks
 * after the processor has done it; `refuse`: 503, as while it starts.
 */
type Weather = 'work' | 'lose_request' | 'lose_answer' | 'refuse'

const MINUTE_MS = 60_000
const SOON = '2026-03-01T00:00:00.000Z'

/** A processor over HTTP, as far as the tuning loop needs one: it scores one entity, and keeps thresholds by the rules of `PUT /api/thresholds`. */
export interface TestProcessor {
  readonly url: string
  /** What `GET /api/slo` says. */
  objectives: SloReport['objectives']
  weather: Weather
  /** Severity by minute since the epoch; undefined: nothing was scored, which is a 404. */
  severities: ReadonlyMap<number, number> | undefined
  /** Called when a request has come, before it is answered. */
  asked: (what: string) => Promise<void> | void
  /** Thresholds that were asked for, done or not. */
  readonly puts: readonly ThresholdRequest[]
  readonly changes: readonly ThresholdChange[]
  /** As an operator does. */
  set(value: number | null): void
  /** As a tuner of another database does. */
  tune(value: number): void
  rollBack(): void
  stop(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** On a free port. `entityId` is scored in `stream`, and untuned at `initial`; with `tls` only clients with a certificate of its `ca` are heard. */
export async function startProcessor({
  stream,
  entityId,
  initial,
  service,
  tls,
}: {
  readonly stream: string
  readonly entityId: string
  readonly initial: number
  readonly service?: string
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string }
}): Promise<TestProcessor> {
  let threshold: Threshold | null = null
  /** Who held it before each change. */
  const before: (Threshold | null)[] = []
  const puts: ThresholdRequest[] = []
  const changes: ThresholdChange[] = []

  const change = (
    to: Pick<Threshold, 'value' | 'source'> | null,
    source: ThresholdChange['source'],
    reason: string | null,
    by: string | null,
  ) => {
    const version = changes.length + 1
    before.push(threshold)
    const from = threshold?.value ?? null
    const at = SOON
    changes.push({
      version,
      stream,
      entity_id: entityId,
      from,
      to: to?.value ?? null,
      source,
      reason,
      by,
      at,
    })
    threshold = to && {
      ...to,
      stream,
      entity_id: entityId,
      version,
      reason,
      updated_at: at,
      updated_by: by,
    }
  }

  const put = (wish: ThresholdRequest): Answer => {
    const version = threshold?.version ?? 0
    if (wish.source === 'tuner' && threshold?.source === 'operator')
      return problem(409, 'overridden', 'an operator set it')
    if (wish.if_version !== undefined && wish.if_version !== version)
      return problem(409, 'conflict', `it has version ${version} now`)
    const { value, source, reason = null } = wish
    change(value === null ? null : { value, source }, source, reason, null)
    return ok(threshold)
  }

  const answer = async (request: IncomingMessage, url: URL): Promise<Answer | 'broken'> => {
    const what = `${request.method} ${url.pathname}`
    const body = await text(request)
    await running.asked(what)
    switch (what) {
      case 'PUT /api/thresholds': {
        const wish = ThresholdRequest.parse(JSON.parse(body))
        puts.push(wish)
        if (running.weather === 'lose_request') return 'broken'
        if (running.weather === 'refuse') return problem(503, 'not_ready', 'starting')
        const given = put(wish)
        return running.weather === 'lose_answer' ? 'broken' : given
      }
      case 'GET /api/thresholds':
        return ok({
          initial,
          version: changes.length,
          items: threshold === null ? [] : [threshold],
          next_cursor: null,
        })
      case 'GET /api/thresholds/history':
        return ok({ items: changes.toReversed(), next_cursor: null })
      case 'GET /api/entities': {
        const known = (url.searchParams.get('service') ?? service) === service
        return ok({ items: known ? [entity(threshold?.value ?? initial)] : [], next_cursor: null })
      }
      case 'GET /api/scores':
        return scores(url.searchParams)
      case 'GET /api/slo':
        return ok({ at: SOON, objectives: running.objectives })
      default:
        return problem(404, 'not_found', what)
    }
  }

  const entity = (now: number) => ({
    entity: {
      id: entityId,
      kind: service === undefined ? 'event' : 'service',
      ...(service !== undefined && { service }),
    },
    last_seen: SOON,
    streams: [
      {
        stream,
        state: 'scored',
        learned: 1000,
        warm_up: 200,
        score: 0.1,
        threshold: now,
        initial_threshold: initial,
        last_seen: SOON,
        features: [],
      },
    ],
    dialects: [],
    delay_ms: null,
    skew_ms: 0,
    problem: null,
  })

  const scores = (query: URLSearchParams): Answer => {
    const { severities } = running
    if (severities === undefined) return problem(404, 'not_found', 'nothing was scored')
    const from = Math.floor(Date.parse(query.get('from') ?? '') / MINUTE_MS)
    const to = Math.ceil(Date.parse(query.get('to') ?? '') / MINUTE_MS)
    return ok({
      stream,
      entity_id: entityId,
      from: new Date(from * MINUTE_MS).toISOString(),
      interval_s: 60,
      severities: Array.from({ length: to - from }, (_, at) => severities.get(from + at) ?? null),
    })
  }

  const handle = (request: IncomingMessage, response: ServerResponse) => {
    answer(request, new URL(request.url ?? '/', 'http://localhost')).then(
      (given) => (given === 'broken' ? request.socket.destroy() : send(response, given)),
      (error: unknown) => send(response, problem(500, 'internal_error', String(error))),
    )
  }
  const server =
    tls === undefined
      ? createServer(handle)
      : createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: true }, handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  const running: TestProcessor = {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    objectives: [],
    weather: 'work',
    severities: new Map(),
    asked: () => {},
    puts,
    changes,
    set: (value) => change(value === null ? null : { value, source: 'operator' }, 'operator', null, 'ann'),
    tune: (value) => change({ value, source: 'tuner' }, 'tuner', null, null),
    rollBack() {
      const held = before.at(-1) ?? null
      change(held && { value: held.value, source: held.source }, 'rollback', null, 'ann')
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return running
}

const ok = (body: unknown): Answer => ({ status: 200, body })

const problem = (status: number, code: string, detail: string): Answer => ({
  status,
  body: { type: `urn:adf:${code}`, title: code, status, code, detail },
})

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, {
    'content-type': status < 400 ? 'application/json' : 'application/problem+json',
  })
  response.end(JSON.stringify(body))
}
