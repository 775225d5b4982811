import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import type { TokenAuthority } from '../auth/tokens.ts'
import type { Listener } from '../config/listener.ts'
import type { Component } from '../lifecycle/component.ts'
import { StartFault } from '../lifecycle/start-fault.ts'
import { asksForOwnHost, isOwnHost, refuseForeignHost } from './own-host.ts'
import { assertSafeListener, isLoopback } from './safety.ts'
import { tlsOptions } from './tls.ts'

export interface HttpListener extends Component {
  /** The port in use, also when 0 was asked for; 0 before start(). */
  readonly port: number
  /** Where this machine reaches it; empty before start(). */
  readonly url: string
  /** For upgrades (`server.on('upgrade', …)`): there once start() resolved. Whoever upgrades a socket closes it. */
  readonly server: Server | undefined
}

/**
 * An HTTP/1.1 listener, plain or TLS (mTLS with `tls.client_ca_file`). start() rejects when it would be open to
 * strangers (see assertSafeListener), when a PEM file is bad or the port is taken. stop() stops accepting, finishes the
 * requests in flight, tells clients to close their connections, and cuts what is left after `drainMs`.
 */
export function createHttpListener(options: {
  name: string
  listener: Listener
  handler: RequestListener
  auth: TokenAuthority
  insecure: boolean
  log: Logger
  /** Within so long a request must be there, headers and body; 408 after that. */
  requestTimeoutMs?: number
  /** So long a connection without a request is kept, and clients are told so. Default: that of Node, 5 s. */
  keepAliveMs?: number
  /** Further ones are closed at once, and `dropped` is called. Default: no bound. */
  maxConnections?: number
  dropped?: () => void
  drainMs?: number
}): HttpListener {
  const {
    name,
    listener,
    handler,
    auth,
    insecure,
    log,
    drainMs = 5000,
    requestTimeoutMs,
    keepAliveMs,
    maxConnections,
    dropped,
  } = options
  const guarded = asksForOwnHost(listener, auth, insecure)
  const sockets = new Set<Socket>()
  let server: Server | undefined
  let stopping: Promise<void> | undefined
  let port = 0

  const onRequest: RequestListener = (request, response) => {
    response.once('close', () => {
      // A kept-alive connection outlives its last response unless it is closed here.
      if (stopping !== undefined) setImmediate(() => server?.closeIdleConnections())
    })
    if (stopping !== undefined) response.setHeader('connection', 'close')
    if (guarded && !isOwnHost(request.headers.host)) refuseForeignHost(request, response)
    else handler(request, response)
  }

  const start = async () => {
    assertSafeListener(name, listener, auth, insecure)
    const tls = await tlsOptions(listener)
    const fresh =
      tls === undefined
        ? createServer(onRequest)
        : createTlsServer(
            { ...tls, requestCert: tls.ca !== undefined, rejectUnauthorized: true, minVersion: 'TLSv1.2' },
            onRequest,
          )
    if (requestTimeoutMs !== undefined) fresh.requestTimeout = requestTimeoutMs
    if (keepAliveMs !== undefined) fresh.keepAliveTimeout = keepAliveMs
    if (maxConnections !== undefined) fresh.maxConnections = maxConnections
    if (dropped !== undefined) fresh.on('drop', dropped)
    fresh.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    await listen(fresh, name, listener)
    // Without a listener of its own, a connection that cannot be taken would end the process.
    fresh.on('error', (error) => log.error({ err: error, listener: name }, 'cannot take a connection'))
    server = fresh
    const address = fresh.address()
    if (address !== null && typeof address === 'object') port = address.port
    if (!isLoopback(listener.host) && listener.tls === undefined) {
      log.warn({ listener: name, host: listener.host }, 'listening beyond loopback without TLS')
    }
    log.info({ listener: name, url: url() }, 'listening')
  }

  const stop = async () => {
    const closing = server
    if (closing === undefined) return
    const closed = new Promise<void>((resolve) => closing.close(() => resolve()))
    closing.closeIdleConnections()
    const cut = setTimeout(() => {
      log.warn({ listener: name, connections: sockets.size }, 'cutting connections that did not finish')
      for (const socket of sockets) socket.destroy()
    }, drainMs)
    await closed
    clearTimeout(cut)
  }

  const url = () => {
    if (server === undefined) return ''
    const host = ['0.0.0.0', '::', ''].includes(listener.host) ? '127.0.0.1' : listener.host
    return `${listener.tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`
  }

  return {
    name,
    start,
    stop: () => (stopping ??= stop()),
    get port() {
      return port
    },
    get url() {
      return url()
    },
    get server() {
      return server
    },
  }
}

function listen(server: Server, name: string, { host, port }: Listener): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenFault(name, { host, port }, error)))
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}

/** Why a server cannot listen, and what to do; `name` is the listener's key in the configuration. */
export function listenFault(
  name: string,
  { host, port }: Pick<Listener, 'host' | 'port'>,
  error: NodeJS.ErrnoException,
): StartFault {
  return new StartFault(`${name} cannot listen on ${host}:${port}: ${reason(name, error)}`, { cause: error })
}

function reason(name: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE')
    return `the port is taken by another process; stop that one, or set ${name}.port (adf doctor says who has it)`
  if (error.code === 'EACCES') return `this user may not use the port; set ${name}.port to one from 1024 on`
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return `this machine does not have that address; set ${name}.host`
  return error.message
}
