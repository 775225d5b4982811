import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { Alert, AlertPage, AlertValue, FeedbackStatus, NotificationReceipt } from '@adf/contract/feedback'
import { afterEach, describe, expect, test } from 'vitest'
import { sampleNotification } from './testing/notification.test-data.ts'
import { startWebhook, type TestWebhook } from './testing/test-webhook.ts'

let server: TestWebhook
afterEach(() => server.stop())
const start = async (...args: Parameters<typeof startWebhook>) => {
  server = await startWebhook(...args)
  return server
}
const alerts = async () => AlertPage.parse((await server.request('/api/alerts')).body).items

describe('a notification', () => {
  test('is stored before it is answered, and known the next time', async () => {
    await start()
    const first = await server.post(sampleNotification())
    expect(first).toMatchObject({ status: 200, body: { alerts: 1, news: 1 } })
    expect(NotificationReceipt.parse(first.body)).toEqual(first.body)
    expect((await server.post(sampleNotification())).body).toEqual({ alerts: 1, news: 0 })
    const [alert] = await alerts()
    expect(alert).toMatchObject({
      alertname: 'HighCpu',
      entity: 'host-1',
      ended_at: null,
      receivers: ['adf'],
    })
    expect(Alert.parse((await server.request(`/api/alerts/${alert?.id}`)).body)).toEqual(alert)
    expect(await server.request('/api/alerts/none')).toMatchObject({ status: 404 })
    expect(FeedbackStatus.parse((await server.request('/api/status')).body)).toMatchObject({
      notifications: 2,
      open_alerts: 1,
    })
    expect(await server.metric('adf_webhook_notifications_total{outcome="stored"}')).toBe(1)
    expect(await server.metric('adf_webhook_notifications_total{outcome="known"}')).toBe(1)
  })

  test('may be compressed, have unknown fields, and leave alerts out', async () => {
    await start()
    const body = sampleNotification(1, { novel: 1 }, { truncatedAlerts: 7, notification_reason: 'new' })
    const answer = await server.post(gzipSync(JSON.stringify(body)), { 'content-encoding': 'gzip' })
    expect(answer).toMatchObject({ status: 200, body: { news: 1 } })
    expect(await server.metric('adf_webhook_truncated_alerts_total')).toBe(7)
  })

  test.each([
    ['no JSON', '{', 400, 'malformed_body'],
    ['another version', sampleNotification(1, {}, { version: '1' }), 400, 'invalid_request'],
    ['no fingerprint', sampleNotification(1, { fingerprint: 'x' }), 400, 'invalid_request'],
    ['no time', sampleNotification(1, { startsAt: 'yesterday' }), 400, 'invalid_request'],
    ['a label that is no text', sampleNotification(1, { labels: { a: 1 } }), 400, 'invalid_request'],
    [
      'too long a label',
      sampleNotification(1, { labels: { a: 'x'.repeat(65_537) } }),
      400,
      'invalid_request',
    ],
    [
      'too many labels',
      sampleNotification(1, {
        labels: Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`l${i}`, ''])),
      }),
      400,
      'invalid_request',
    ],
    ['a bomb', gzipSync('x'.repeat(200_000)), 413, 'request_too_large'],
  ])('with %s is refused as a whole, and changes nothing', async (_, body, status, code) => {
    await start({ webhook: { max_body: '100KiB' } })
    const headers: Record<string, string> = body instanceof Uint8Array ? { 'content-encoding': 'gzip' } : {}
    expect(await server.post(body, headers)).toMatchObject({ status, body: { code } })
    expect(await alerts()).toEqual([])
    const outcome = status === 413 ? 'too_large' : 'malformed'
    expect(await server.metric(`adf_webhook_notifications_total{outcome="${outcome}"}`)).toBe(1)
  })

  test('of another content type, path or method is told so', async () => {
    await start()
    expect(await server.post(sampleNotification(), { 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
    })
    expect(await server.request('/webhook/alertmanager')).toMatchObject({ status: 405 })
    expect(await server.request('/webhook')).toMatchObject({ status: 404 })
  })

  test('needs a token where there are some, as bearer or as password', async () => {
    const sha256 = (token: string) => createHash('sha256').update(token).digest('hex')
    await start({
      auth: {
        tokens: [
          { name: 'am', sha256: sha256('adf_t0k:en'.replace(':', '')), scopes: ['ingest'] },
          { name: 'reader', sha256: sha256('reader'), scopes: ['read'] },
        ],
      },
    })
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
    const status = async (authorization?: string) =>
      (await server.post(sampleNotification(), authorization === undefined ? {} : { authorization })).status
    expect(await status()).toBe(401)
    expect(await status('Bearer adf_t0ken')).toBe(200)
    expect(await status(basic('anyone:adf_t0ken'))).toBe(200)
    expect(await status(basic(':adf_t0ken'))).toBe(200)
    expect(await status(basic('adf_t0ken:'))).toBe(401)
    expect(await status(basic('adf_t0ken'))).toBe(401)
    expect(await status('Basic ???')).toBe(401)
    expect(await status(basic('anyone:reader'))).toBe(403)
    expect(await server.metric('adf_webhook_notifications_total{outcome="unauthorized"}')).toBe(5)
  })

  test('is refused with 503 while as many as may be are in work', async () => {
    await start({ webhook: { max_in_flight: 1 } })
    // Its body never ends: it stays in work.
    const held = request(`${server.url}/webhook/alertmanager`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    })
    held.on('error', () => {}).write('{')
    let answer = await server.post(sampleNotification())
    while (answer.status === 200) answer = await server.post(sampleNotification())
    expect(answer).toMatchObject({ status: 503, body: { code: 'overloaded' } })
    expect(answer.headers.get('retry-after')).toBe('1')
    held.destroy()
    while (answer.status === 503) answer = await server.post(sampleNotification())
    expect(answer.status).toBe(200)
  })
})

test('the value of alerts is told by rule', async () => {
  await start({}, { clock: () => Date.parse('2026-03-02T03:00:00Z') })
  await server.post(sampleNotification())
  const { status, body } = await server.request('/api/alert-value?by=entity')
  expect(status).toBe(200)
  expect(AlertValue.parse(body)).toMatchObject({
    from: '2026-03-01T03:00:00.500Z',
    by: 'entity',
    shift_hours: 12,
    total: { alerts: 1 },
    rows: [{ name: 'host-1', alerts: 1, precision: null }],
  })
  expect(await server.request('/api/alert-value?from=2026-03-03T00:00:00Z')).toMatchObject({ status: 400 })
})

test('health, readiness, metrics and the document are there', async () => {
  await start()
  for (const path of ['/health', '/ready', '/metrics', '/docs', '/openapi.json'])
    expect(await server.request(path)).toMatchObject({ status: 200 })
})
