import { type IncomingMessage, request as plainRequest, type Server, STATUS_CODES } from 'node:http'
import { request as tlsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { isOwnOrigin } from './origin.ts'
import type { ProxyOptions } from './proxy.ts'
import { forwardOf } from './route.ts'

const BASE = '/api/plugin-proxy/adf-app/'
/** Of the handshake, what the upstream must see; the token is added, cookies are not. */
const HANDSHAKE = ['sec-websocket-key', 'sec-websocket-version', 'sec-websocket-extensions']

/**
 * Lets WebSockets through by the same routes and permissions as the proxy for requests. A page of another origin could open one as well, without
 * asking first: it is refused. The returned function cuts those that are open.
 */
export function proxyUpgrades(server: Server, { plugin, settings, permissions }: ProxyOptions): () => void {
  const open = new Set<Duplex>()
  const keep = (socket: Duplex) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
  }
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    keep(socket)
    const [path = '', query = ''] = (request.url ?? '').split('?', 2)
    const forwarded = path.startsWith(BASE)
      ? forwardOf(plugin.routes, 'GET', path.slice(BASE.length), settings)
      : undefined
    const action = forwarded?.route.reqAction
    if (!isOwnOrigin(request.headers)) return refuse(socket, 403)
    if (forwarded === undefined || !URL.canParse(forwarded.url)) return refuse(socket, 404)
    if (action !== undefined && !permissions.includes(action)) return refuse(socket, 403)
    const url = new URL(query === '' ? forwarded.url : `${forwarded.url}?${query}`)
    const kept = HANDSHAKE.flatMap((name) => {
      const value = request.headers[name]
      return typeof value === 'string' ? [[name, value]] : []
    })
    const headers = {
      ...Object.fromEntries(kept),
      ...forwarded.headers,
      connection: 'Upgrade',
      upgrade: 'websocket',
    }
    const call = (url.protocol === 'https:' ? tlsRequest : plainRequest)(url, { headers })
    call.once('upgrade', (answer, upstream, first) => {
      keep(upstream)
      const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`)
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`)
      socket.write(first)
      upstream.write(head)
      upstream.pipe(socket).pipe(upstream)
      upstream.once('close', () => socket.destroy())
      socket.once('close', () => upstream.destroy())
    })
    call.once('response', (answer) => {
      answer.resume()
      refuse(socket, answer.statusCode ?? 502)
    })
    call.once('error', () => refuse(socket, 502))
    call.end()
  })
  return () => {
    for (const socket of open) socket.destroy()
  }
}

function refuse(socket: Duplex, status: number): void {
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
  )
}
