import { readFile } from 'node:fs/promises'
import { FeedbackStatus } from '@adf/contract/feedback'
import { Agent, request } from 'undici'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import {
  type Certificates,
  makeCertificates,
} from '../../../packages/service/src/http/certificates.test-data.ts'
import { sampleNotification } from '../testing/notification.test-data.ts'
import { startProcessor, type TestProcessor } from '../testing/test-processor.ts'
import { startWebhook, type TestWebhook } from '../testing/test-webhook.ts'

let pem: Certificates
let webhook: TestWebhook | undefined
let far: TestProcessor | undefined
const agents: Agent[] = []
beforeAll(() => {
  pem = makeCertificates()
})
afterAll(() => pem.remove())
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.destroy()
  await webhook?.stop()
  await far?.stop()
  webhook = undefined
  far = undefined
})

/** As Alertmanager does with `http_config.tls_config`. @param who undefined: without a certificate */
async function notify(url: string, who?: { readonly cert: string; readonly key: string }) {
  const connect = {
    ca: await readFile(pem.ca),
    ...(who && { cert: await readFile(who.cert), key: await readFile(who.key) }),
  }
  const agent = new Agent({ connect })
  agents.push(agent)
  const answer = await request(`${url}/webhook/alertmanager`, {
    dispatcher: agent,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(sampleNotification()),
  })
  return { status: answer.statusCode, body: await answer.body.json() }
}

test('with client_ca_file only who shows a certificate of it is heard', async () => {
  webhook = await startWebhook({
    api: {
      port: 0,
      tls: { cert_file: pem.server.cert, key_file: pem.server.key, client_ca_file: pem.ca },
    },
  })
  expect(webhook.url).toMatch(/^https:/)
  await expect(notify(webhook.url)).rejects.toThrow()
  await expect(notify(webhook.url, pem.stranger)).rejects.toThrow()
  const stored = 'adf_webhook_alerts_total{outcome="fired"}'
  expect(await webhook.metric(stored)).toBeFalsy()
  expect(await notify(webhook.url, pem.client)).toEqual({ status: 200, body: { alerts: 1, news: 1 } })
  expect(await webhook.metric(stored)).toBe(1)
  await expect(fetch(webhook.url.replace('https', 'http'))).rejects.toThrow()
})

test('a processor that wants a certificate is shown one', async () => {
  const tls = {
    ca: await readFile(pem.ca, 'utf8'),
    cert: await readFile(pem.server.cert, 'utf8'),
    key: await readFile(pem.server.key, 'utf8'),
  }
  far = await startProcessor({ stream: 'service', entityId: 'cart-1', initial: 0.8, service: 'cart', tls })
  const { url } = far
  const reached = async (client: object | undefined) => {
    webhook = await startWebhook({
      processors: [{ url, ...(client && { tls: client }) }],
      thresholding: { interval: '100ms' },
    })
    for (;;) {
      const [one] = FeedbackStatus.parse((await webhook.request('/api/status')).body).processors
      if (one !== undefined && (one.reachable || (one.error ?? 'not asked yet') !== 'not asked yet')) {
        await webhook.stop()
        webhook = undefined
        return one
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  const { cert: cert_file, key: key_file } = pem.client
  expect(await reached({ ca_file: pem.ca, cert_file, key_file })).toMatchObject({
    reachable: true,
    error: null,
  })
  // Signed by nobody that is trusted; then not shown at all.
  expect((await reached(undefined)).error).toMatch(/certificate/)
  expect((await reached({ ca_file: pem.ca })).reachable).toBe(false)
})
