import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { AlertCloseCode, routes } from '@adf/contract'
import { foreignHost, isOwnHost, ProblemError, type TokenAuthority, toProblem } from '@adf/service'
import { WebSocketServer } from 'ws'
import type { ApiMetrics } from '../metrics.ts'
import { AlertClient } from './client.ts'
import type { AlertHub } from './hub.ts'

export interface AlertServerOptions {
  readonly maxClients?: number
  /** Bytes that may wait for one client before it is cut off. */
  readonly maxBuffered?: number
  readonly heartbeatMs?: number
  /** Whether the server must be asked for as this machine: see asksForOwnHost. */
  readonly ownHost?: boolean
  /** Origins of pages that may connect where no token is needed, beside the server's own. */
  readonly origins?: readonly string[]
}

/** `WS /ws/alerts` on a listening server. */
export class AlertServer {
  readonly #hub: AlertHub
  readonly #auth: TokenAuthority
  readonly #metrics: ApiMetrics
  readonly #options: Required<AlertServerOptions>
  readonly #clients = new Set<AlertClient>()
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 1024,
    handleProtocols: (protocols) => (protocols.has('adf') ? 'adf' : false),
  })
  #heartbeat: NodeJS.Timeout | undefined

  constructor(hub: AlertHub, auth: TokenAuthority, metrics: ApiMetrics, options: AlertServerOptions) {
    this.#hub = hub
    this.#auth = auth
    this.#metrics = metrics
    this.#options = {
      maxClients: 200,
      maxBuffered: 4 * 1024 * 1024,
      heartbeatMs: 30_000,
      ownHost: false,
      origins: [],
      ...options,
    }
  }

  start(server: Server): void {
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    this.#heartbeat = setInterval(() => {
      for (const client of this.#clients) client.heartbeat()
    }, this.#options.heartbeatMs).unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#heartbeat)
    for (const client of this.#clients) client.close(AlertCloseCode.goingAway, 'stopping')
    await Promise.all(
      [...this.#sockets.clients].map((socket) => new Promise((done) => socket.once('close', done))),
    )
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    let cursor: number | undefined
    try {
      cursor = this.#admit(request)
    } catch (error) {
      const problem = toProblem(error)
      this.#metrics.alertClosed.inc({ reason: problem.code })
      refuse(socket, problem)
      return
    }
    this.#sockets.handleUpgrade(request, socket, head, (ws) => {
      const client = new AlertClient(ws, this.#hub, this.#metrics, this.#options.maxBuffered)
      this.#clients.add(client)
      this.#metrics.alertClients.set(this.#clients.size)
      ws.on('error', () => ws.terminate())
      ws.on('close', () => {
        this.#clients.delete(client)
        this.#metrics.alertClients.set(this.#clients.size)
      })
      client.start(cursor).catch(() => client.close(1011, 'internal'))
    })
  }

  /** The cursor asked for; throws a ProblemError when the client may not connect. */
  #admit(request: IncomingMessage): number | undefined {
    const url = URL.parse(request.url ?? '/', 'http://localhost')
    if (url === null) throw new ProblemError('invalid_request', 'the path cannot be read')
    if (url.pathname !== routes.streamAlerts.path) {
      throw new ProblemError('not_found', `there is no WebSocket at ${url.pathname}`)
    }
    const answer = this.#auth.check(authorization(request), routes.streamAlerts.scope)
    if (!answer.ok) throw answer.problem
    if (!this.#auth.required) this.#checkOrigin(request)
    const { cursor } = routes.streamAlerts.query.parse(Object.fromEntries(url.searchParams))
    if (this.#clients.size >= this.#options.maxClients) {
      throw new ProblemError('overloaded', `${this.#options.maxClients} clients are connected already`, {
        headers: { 'retry-after': '5' },
      })
    }
    return cursor === undefined ? undefined : Number(cursor)
  }

  /** Browsers let any page open a WebSocket here; a token cannot be guessed by such a page, but where none is needed its origin counts. */
  #checkOrigin({ headers }: IncomingMessage): void {
    const { origin, host } = headers
    if (this.#options.ownHost && !isOwnHost(host)) throw foreignHost(host)
    if (origin === undefined || this.#options.origins.includes(origin)) return
    if (URL.canParse(origin) && new URL(origin).host === host) return
    throw new ProblemError('forbidden', `pages of ${origin.slice(0, 200)} may not connect here`)
  }
}

/** The header, or what a browser sends in its place: a subprotocol `bearer.TOKEN`. */
function authorization({ headers }: IncomingMessage): string | undefined {
  if (headers.authorization !== undefined) return headers.authorization
  const token = (headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((protocol) => protocol.trim())
    .find((protocol) => protocol.startsWith('bearer.'))
  return token === undefined ? undefined : `Bearer ${token.slice('bearer.'.length)}`
}

function refuse(socket: Duplex, problem: ProblemError): void {
  const body = JSON.stringify(problem)
  const headers = {
    ...problem.headers,
    connection: 'close',
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\n${lines.join('')}\r\n${body}`,
  )
}
