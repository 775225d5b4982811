import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SecureRoundState } from '@adf/contract/federation'

/** Headers of one connection. */
const OWN = new Set(['host', 'connection', 'transfer-encoding', 'content-length'])

export interface LyingServer {
  readonly url: string
  stop(): Promise<void>
}

/** Stands between clients and a server, and tells them something else of where a round of secure aggregation is. */
export async function lyingServer(
  truth: string,
  lie: (state: SecureRoundState) => SecureRoundState,
): Promise<LyingServer> {
  const server = createServer(async (asked, response) => {
    const body = Buffer.concat(await asked.toArray())
    const { method = 'GET', url = '', headers } = asked
    const passed = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      OWN.has(name) ? [] : [[name, String(value)]],
    )
    const answer = await fetch(truth + url, {
      method,
      headers: Object.fromEntries(passed),
      ...(body.length > 0 && { body: new Uint8Array(body) }),
    })
    const bytes = Buffer.from(await answer.arrayBuffer())
    const told =
      method === 'GET' && url.includes('/secure?') && answer.status === 200
        ? Buffer.from(JSON.stringify(lie(SecureRoundState.parse(JSON.parse(bytes.toString())))))
        : bytes
    response.writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? 'application/json',
    })
    response.end(told)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
