import { createSecureServer, createServer, type Http2Server, type ServerOptions } from 'node:http2'
import type { Socket } from 'node:net'
import {
  assertSafeListener,
  type Component,
  type Listener,
  type Logger,
  listenFault,
  type TokenAuthority,
  tlsOptions,
} from '@adf/service'
import type { Intake } from '../intake.ts'
import { Sessions } from './sessions.ts'
import { FIELD_BYTES, serveStream } from './stream.ts'

/** Large frames and windows: with HTTP/2's defaults (16 KiB, 64 KiB) a request of 450 kB stops and waits seven times. */
const FRAME = 2 ** 20
const WINDOW = 4 * 2 ** 20
const MAX_STREAMS = 256
/** Fields of a call: a token, some metadata, and what proxies add. */
const FIELDS = 64
/** Megabytes that one connection may make Node's HTTP/2 hold, beside the bytes that calls are charged for. */
const SESSION_MEMORY = 4
/** Calls that a peer may open and give up at once, and each second (CVE-2023-44487). */
const RESETS = { streamResetBurst: 500, streamResetRate: 20 }
/** For TLS to be agreed on. */
const HANDSHAKE_MS = 10_000
const SWEEP_MS = 1000

export interface GrpcListenerOptions {
  readonly listener: Listener
  readonly intake: Intake
  readonly auth: TokenAuthority
  readonly insecure: boolean
  readonly maxRequestSize: number
  readonly requestTimeoutMs: number
  readonly maxConnections: number
  readonly log: Logger
  readonly drainMs?: number
}

export interface GrpcListener extends Component {
  /** The port in use; 0 before start(). */
  readonly port: number
}

/**
 * OTLP over gRPC: the three unary Export methods straight on HTTP/2 (docs/adr/0002). start() rejects when the listener
 * would be open to strangers or cannot listen; stop() lets calls in flight end and cuts what is left after `drainMs`.
 */
export function createGrpcListener(options: GrpcListenerOptions): GrpcListener {
  const { listener, auth, insecure, log, maxConnections, drainMs = 5000 } = options
  const name = 'receiver.grpc'
  const sessions = new Sessions(
    () => performance.now(),
    (reason) => options.intake.counters.connectionEnded('grpc', reason),
  )
  /** Also those that have not agreed on TLS yet. */
  const sockets = new Set<Socket>()
  let sweeping: NodeJS.Timeout | undefined
  let server: Http2Server | undefined
  let stopping: Promise<void> | undefined
  let port = 0

  const start = async () => {
    assertSafeListener(name, listener, auth, insecure)
    const tls = await tlsOptions(listener)
    const settings: ServerOptions = {
      settings: {
        maxFrameSize: FRAME,
        initialWindowSize: WINDOW,
        maxConcurrentStreams: MAX_STREAMS,
        maxHeaderListSize: FIELD_BYTES,
      },
      maxHeaderListPairs: FIELDS,
      ...RESETS,
      maxSessionMemory: SESSION_MEMORY,
    }
    const fresh =
      tls === undefined
        ? createServer(settings)
        : createSecureServer({
            ...settings,
            ...tls,
            requestCert: tls.ca !== undefined,
            rejectUnauthorized: true,
            minVersion: 'TLSv1.2',
            handshakeTimeout: HANDSHAKE_MS,
          })
    fresh.maxConnections = maxConnections
    sessions.watch(fresh)
    fresh.on('drop', () => options.intake.counters.connectionEnded('grpc', 'too_many'))
    fresh.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    fresh.on('session', (session) => {
      session.once('connect', () => session.setLocalWindowSize(WINDOW))
      if (!session.connecting) session.setLocalWindowSize(WINDOW)
    })
    fresh.on('sessionError', (error) => log.debug({ err: error }, 'HTTP/2 session failed'))
    fresh.on('stream', (stream, headers) => serveStream(stream, headers, options))
    await listen(fresh, name, listener)
    fresh.on('error', (error) => log.error({ err: error, listener: name }, 'cannot take a connection'))
    server = fresh
    sweeping = setInterval(() => sessions.sweep(), SWEEP_MS)
    sweeping.unref()
    const address = fresh.address()
    if (address !== null && typeof address === 'object') port = address.port
    log.info({ listener: name, host: listener.host, port }, 'listening')
  }

  const stop = async () => {
    const closing = server
    if (closing === undefined) return
    clearInterval(sweeping)
    const closed = new Promise<void>((resolve) => closing.close(() => resolve()))
    sessions.close()
    const cut = setTimeout(() => {
      log.warn({ listener: name, connections: sockets.size }, 'cutting connections that did not finish')
      for (const socket of sockets) socket.destroy()
    }, drainMs)
    await closed
    clearTimeout(cut)
  }

  return {
    name,
    start,
    stop: () => (stopping ??= stop()),
    get port() {
      return port
    },
  }
}

function listen(server: Http2Server, name: string, { host, port }: Listener): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenFault(name, { host, port }, error)))
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}
