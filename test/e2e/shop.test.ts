import { expect, test } from 'vitest'
import { startOtlpEndpoint } from '../harness/otlp-endpoint.ts'
import { runAdf, until } from '../harness/process.ts'

test('adf shop sends telemetry of its services to an endpoint, breaks one, and ends when it is told to', async () => {
  const endpoint = await startOtlpEndpoint()
  const shop = runAdf([
    'shop',
    ...['--otlp', `http://127.0.0.1:${endpoint.grpcPort}`],
    ...['--faults', 'error:cart', '--pause', '1s', '--fault-for', '1s'],
  ])
  try {
    await until('a fault', async () => shop.output().includes('inside the service in cart'))
    const services = ['cart', 'payment', 'checkout']
    await until('spans of its services', async () => {
      const spans = Buffer.concat(
        endpoint.received.filter(({ signal }) => signal === 'traces').map(({ body }) => body),
      )
      return services.every((name) => spans.includes(name))
    })
    await shop.stop('SIGTERM')
    expect(await shop.exited).toBe(0)
  } finally {
    await shop.stop('SIGKILL')
    endpoint.stop()
  }
})

test.each([
  [['--otlp', 'here'], '--otlp here: give a URL'],
  [['--otlp', 'http://127.0.0.1:1', '--faults', 'error:nobody'], 'nobody'],
])('adf shop %j is refused', async (args, reason) => {
  const shop = runAdf(['shop', ...args])
  expect(await shop.exited).toBe(2)
  expect(shop.output()).toContain(reason)
})
