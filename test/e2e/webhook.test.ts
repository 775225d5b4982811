import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { AlertPage } from '@adf/contract/feedback'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAlertmanager } from '../harness/alertmanager.ts'
import { freePort, until } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { needs } from '../harness/servers.ts'
import { startWebhook } from '../harness/webhook.ts'

const TOKEN = 'adf_of-the-alertmanagers'
const sha256 = createHash('sha256').update(TOKEN).digest('hex')

const receiving = (port: number) => `
route: { receiver: adf, group_by: [alertname], group_wait: 100ms, group_interval: 1s, repeat_interval: 1s }
receivers:
  - name: adf
    webhook_configs:
      - url: http://127.0.0.1:${port}/webhook/alertmanager
        http_config: { basic_auth: { username: anybody, password: ${TOKEN} } }
`

// One story, told in order.
describeWith(needs('alertmanager'), 'two real Alertmanagers as a cluster', () => {
  const alert = (instance: string, more: object = {}) => ({
    labels: { alertname: 'HighCpu', instance },
    startsAt: '2026-03-01T03:00:00Z',
    endsAt: new Date(Date.now() + 600_000).toISOString(),
    ...more,
  })
  let peers: Awaited<ReturnType<typeof startAlertmanager>>[] = []
  let webhook: Awaited<ReturnType<typeof startWebhook>>
  const fire = (...alerts: object[]) => Promise.all(peers.map((peer) => peer.post(alerts)))
  const alerts = async () => {
    const answer = await fetch(`${webhook.url}/api/alerts`, { headers: { authorization: `Bearer ${TOKEN}` } })
    return AlertPage.parse(await answer.json()).items
  }
  const known = (instance: string) => async () => (await alerts()).find(({ entity }) => entity === instance)

  beforeAll(async () => {
    const [port, one, two] = [await freePort(), await freePort(), await freePort()]
    const config = receiving(port)
    peers = await Promise.all([
      startAlertmanager({ config, gossip: one, peers: [two] }),
      startAlertmanager({ config, gossip: two, peers: [one] }),
    ])
    webhook = await startWebhook(
      {
        auth: { tokens: [{ name: 'am', sha256, scopes: ['ingest', 'read'] }] },
        alertmanager: { urls: peers.map(({ url }) => url), poll_interval: '200ms' },
      },
      { port },
    )
  })
  afterAll(async () => {
    await webhook?.stop()
    for (const peer of peers) await peer.stop()
  })

  test('what both send, again and again, is one alert', async () => {
    await fire(alert('host-1'), alert('host-2'))
    await until('both alerts', async () => (await alerts()).length === 2)
    const metric = async () => {
      const answer = await fetch(`${webhook.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })
      const line = (await answer.text())
        .split('\n')
        .find((text) => text.startsWith('adf_webhook_alerts_total{outcome="known"}'))
      return Number(line?.split(' ').at(-1) ?? 0)
    }
    await until('a repeat', async () => (await metric()) >= 2)
    expect(await alerts()).toHaveLength(2)
    expect(await known('host-1')()).toMatchObject({
      notifications: 1,
      receivers: ['adf'],
      group_keys: ['{}:{alertname="HighCpu"}'],
      ended_at: null,
    })
  })

  test('its end comes, and what fires again is another', async () => {
    const endsAt = new Date().toISOString()
    await fire(alert('host-1', { endsAt }))
    const ended = await until('its end', async () => {
      const found = await known('host-1')()
      return found?.ended_at !== null && found
    })
    expect(Math.abs(Date.parse(ended.ended_at ?? '') - Date.parse(endsAt))).toBeLessThan(1000)
    await fire(alert('host-1', { startsAt: new Date().toISOString() }))
    await until('the next', async () => (await alerts()).length === 3)
  })

  test('a silence is seen on the alert, and on one that nobody is ever notified of', async () => {
    const matchers = ['host-2', 'host-3'].map((value) => ({ name: 'instance', value, isRegex: false }))
    for (const matcher of matchers)
      await peers[0]?.silence({
        matchers: [matcher],
        startsAt: new Date().toISOString(),
        endsAt: new Date(Date.now() + 600_000).toISOString(),
        createdBy: 'bob',
        comment: 'deployment',
      })
    const silenced = await until('the silence', async () => {
      const found = await known('host-2')()
      return found?.silenced.length === 1 && found
    })
    expect(silenced.acknowledged_at).not.toBeNull()
    await until('the silence at the other peer', async () => {
      const answer = await fetch(`${peers[1]?.url}/api/v2/silences`)
      return ((await answer.json()) as unknown[]).length === 2
    })
    await fire(alert('host-3'))
    expect(await until('the unheard one', known('host-3'))).toMatchObject({
      notifications: 0,
      first_notified_at: null,
      silenced: [expect.any(String)],
    })
  })

  test.skipIf(spawnSync('prlimit', ['--version']).error !== undefined)(
    'while the disk is full notifications are refused, and come again when there is room',
    async () => {
      const limit = (bytes: string) =>
        spawnSync('prlimit', [`--fsize=${bytes}:`, '--pid', String(webhook.process.child.pid)])
      expect(limit('1').status).toBe(0)
      await fire(alert('host-4'))
      await until('not ready', async () => (await fetch(`${webhook.url}/ready`)).status === 503)
      expect(await known('host-4')()).toBeUndefined()
      limit('unlimited')
      await until('what was refused', known('host-4'), 60_000)
    },
  )

  test('what was acknowledged is there after SIGKILL', async () => {
    const before = await alerts()
    await webhook.process.stop('SIGKILL')
    webhook = await startWebhook(
      { auth: { tokens: [{ name: 'am', sha256, scopes: ['ingest', 'read'] }] } },
      { port: webhook.port, folder: webhook.folder },
    )
    const ids = (await alerts()).map(({ id }) => id)
    for (const { id } of before) expect(ids).toContain(id)
  }, 240_000)
})
