import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** Stands before a service and passes everything on, but for what it is told to hold: there its client can be killed at a known point. */
export interface Gate {
  readonly url: string
  /**
   * Holds the next request of this method and path for good: the `request`, which never gets there, or the `answer`, which is there but never comes
   * back. Resolves once it is held.
   */
  hold(what: 'request' | 'answer', method: string, path: string): Promise<void>
  stop(): Promise<void>
}

/** @param target base URL of the service, which need not run yet */
export async function startGate(target: string): Promise<Gate> {
  let watched: { what: 'request' | 'answer'; line: string; held: () => void } | undefined

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/', headers } = incoming
    const body = await buffer(incoming)
    const holding = watched?.line === `${method} ${path.split('?', 1)[0]}` ? watched : undefined
    if (holding !== undefined) watched = undefined
    if (holding?.what === 'request') return holding.held()
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request(`${target}${path}`, { method, headers, agent: false }, resolve).on('error', reject).end(body)
    })
    const text = await buffer(answer)
    if (holding !== undefined) return holding.held()
    response.writeHead(answer.statusCode ?? 502, answer.headers).end(text)
  }

  const server = createServer((incoming, response) => {
    // To the client a service that is away is one that breaks the connection.
    pass(incoming, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    hold: (what, method, path) =>
      new Promise((held) => {
        watched = { what, line: `${method} ${path}`, held }
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
