import { Run } from '@adf/contract/federation'
import { expect, it } from 'vitest'
import { RUN, startServer } from './testing/test-server.ts'

it('shows what privacy has cost the client that took part most, and asks clients for the noise', async () => {
  const server = await startServer({
    coordinator: { num_rounds: 2 },
    federated: {
      privacy: { clip_norm: 1, noise_multiplier: 4, delta: 1e-5 },
      poisoning_detection: { enabled: false },
    },
  })
  try {
    const clients = await Promise.all([1, 2, 3].map((n) => server.client(n)))
    const spent = async () => Run.parse(await server.get(`/api/runs/${RUN}`)).privacy!
    expect(await spent()).toEqual({ epsilon: 0, delta: 1e-5 })
    const [asked] = await Promise.all(clients.map((client) => client.untilAsked(RUN)))
    expect(asked!.privacy).toEqual({ clip_norm: 1, noise_multiplier: 4 })
    const costs = []
    for (let round = 1; round <= 2; round++) {
      await Promise.all(clients.map((client) => client.takePart(RUN)))
      await clients[0]!.until(RUN, round)
      costs.push((await spent()).epsilon)
    }
    expect(costs[0]).toBeGreaterThan(0.5)
    expect(costs[1]).toBeGreaterThan(costs[0]!)
    expect(costs[1]).toBeLessThan(2 * costs[0]!)
    expect(await (await fetch(`${server.url}/metrics`)).text()).toMatch(
      /adf_fl_epsilon\{run="service-lstm"\} [1-9]/,
    )
  } finally {
    await server.stop()
  }
})
