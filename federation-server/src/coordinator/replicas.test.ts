import { FederationStatus } from '@adf/contract/federation'
import { weightsHash } from '@adf/federation/weights'
import { expect, it } from 'vitest'
import { startMortalServer } from '../testing/mortal-server.ts'
import { RUN, startServer } from '../testing/test-server.ts'

it('two servers on one database: one drives, both serve, and the other goes on when it ends', async () => {
  const first = await startServer({ config: { lease: '300ms' } })
  // In a process of its own: in one, each would wait for the lock of the other without letting it go on.
  const second = await startMortalServer({ path: first.path, coordinator: {}, faults: [] })
  const told = async (path: string) => (await fetch(`${second.url}${path}`)).json()
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
    const status = FederationStatus.parse(await told('/api/status'))
    expect(status.runs).toMatchObject([{ version: 4, rounds: { committed: 4, abandoned: 0 } }])
    expect(await told('/api/audit/verification')).toMatchObject({ sound: true })
  } finally {
    await second.stop()
    await first.stop()
  }
}, 60_000)
