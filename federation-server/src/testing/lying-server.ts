import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SecureRoundState } from '@adf/contract/federation'
import { request } from 'undici'

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
    const { host: _, connection: __, 'transfer-encoding': ___, ...rest } = headers
    const answer = await request(truth + url, {
      method: method === 'PUT' || method === 'POST' ? method : 'GET',
      headers: rest,
      body: body.length > 0 ? body : null,
    })
    const bytes = Buffer.from(await answer.body.arrayBuffer())
    const told =
      method === 'GET' && url.includes('/secure?') && answer.statusCode === 200
        ? Buffer.from(JSON.stringify(lie(SecureRoundState.parse(JSON.parse(bytes.toString())))))
        : bytes
    response.writeHead(answer.statusCode, {
      'content-type': String(answer.headers['content-type'] ?? 'application/json'),
      date: String(answer.headers['date'] ?? ''),
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
