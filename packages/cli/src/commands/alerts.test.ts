import { Config, createWebhook } from '@adf/alertmanager-webhook'
import { AlertPage, AlertValue } from '@adf/contract/feedback'
import { createLogger } from '@adf/service'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runAdf } from '../program/adf.test-program.ts'

let webhook: Awaited<ReturnType<typeof createWebhook>>
beforeAll(async () => {
  webhook = await createWebhook({
    config: Config.parse({ api: { port: 0 }, store: { path: ':memory:' } }),
    log: createLogger({ name: 'test', level: 'silent' }),
    version: '0',
  })
  await webhook.start()
  const answer = await fetch(`${webhook.api.url}/webhook/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      version: '4',
      groupKey: 'g',
      status: 'firing',
      receiver: 'adf',
      alerts: [
        {
          status: 'firing',
          labels: { alertname: 'HighCpu', service: 'cart', instance: 'host-1' },
          startsAt: new Date().toISOString(),
          fingerprint: '47044908fa8077a1',
        },
      ],
    }),
  })
  if (!answer.ok) throw new Error(await answer.text())
})
afterAll(() => webhook.stop())

test('tells the value of alerts, and lists them', async () => {
  const { url } = webhook.api
  const value = await runAdf(['alerts', '--url', url, '--by', 'service'])
  expect(value).toMatchObject({ status: 0 })
  expect(value.out).toContain('None of one alert was judged')
  expect(value.out).toMatch(/SERVICE +ALERTS/)
  const list = await runAdf(['alerts', 'list', '--url', url, '--state', 'firing', '--since', '1d'])
  expect(list.out).toMatch(/firing +HighCpu +cart +host-1 +- /)
  const json = await runAdf(['alerts', '--json', '--url', url])
  expect(AlertValue.parse(JSON.parse(json.out))).toMatchObject({ total: { alerts: 1 } })
  const page = await runAdf(['alerts', 'list', '--json', '--url', url, '--rule', 'Other'])
  expect(AlertPage.parse(JSON.parse(page.out)).items).toEqual([])
}, 120_000)

test('says when there is no webhook', async () => {
  expect(await runAdf(['alerts', '--url', 'http://127.0.0.1:1'])).toMatchObject({
    status: 1,
    err: expect.stringContaining('no Alertmanager webhook answers at http://127.0.0.1:1'),
  })
}, 60_000)
