import { FederationStatus } from '@adf/contract/federation'
import { weightsHash } from '@adf/federation/weights'
import { expect, it } from 'vitest'
import { RUN, startServer } from '../testing/test-server.ts'

it('two servers on one database: one drives, both serve, and the other goes on when it ends', async () => {
  const config = { config: { lease: '300ms', clients: { requests_per_second: 1000, burst: 1000 } } }
  const first = await startServer(config)
  const second = await startServer({ ...config, path: first.path })
  try {
    const clients = await Promise.all([1, 2, 3].map((n) => first.client(n)))
    // One of them talks to the server that does not drive.
    clients[2]!.url = second.url
    for (let round = 1; round <= 2; round++) await Promise.all(clients.map((client) => client.takePart(RUN)))
    await Promise.all(clients.map((client) => client.until(RUN, 2)))
    await first.server.stop()
    for (const client of clients) client.url = second.url
    for (let round = 3; round <= 4; round++) await Promise.all(clients.map((client) => client.takePart(RUN)))
    await Promise.all(clients.map((client) => client.until(RUN, 4)))
    expect(new Set(clients.map(({ weights }) => weightsHash(weights))).size).toBe(1)
    const status = FederationStatus.parse(await second.get('/api/status'))
    expect(status.runs).toMatchObject([{ version: 4, rounds: { committed: 4, abandoned: 0 } }])
    expect(await second.get('/api/audit/verification')).toMatchObject({ sound: true })
  } finally {
    await second.stop()
    await first.stop()
  }
}, 60_000)
