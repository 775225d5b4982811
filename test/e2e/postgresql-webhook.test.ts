import { AlertPage } from '@adf/contract/feedback'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PASSWORD, type RunningPostgres, startPostgres } from '../harness/postgresql.ts'
import { runAdf, until } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { needs } from '../harness/servers.ts'
import { startWebhook } from '../harness/webhook.ts'

// One story, told in order.
describeWith(needs('postgresql'), 'two webhooks on one PostgreSQL', () => {
  let postgres: RunningPostgres
  let webhooks: Awaited<ReturnType<typeof startWebhook>>[] = []
  beforeAll(async () => {
    postgres = await startPostgres()
    const store = { url: postgres.url(), password: PASSWORD, connect_timeout: '2s' }
    webhooks = await Promise.all([startWebhook({ store }), startWebhook({ store })])
  })
  afterAll(async () => {
    for (const webhook of webhooks) await webhook.stop()
    await postgres?.stop()
  })

  const notify = (url: string, instance: string) =>
    fetch(`${url}/webhook/alertmanager`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        version: '4',
        groupKey: '{}:{}',
        status: 'firing',
        receiver: 'adf',
        groupLabels: {},
        commonLabels: {},
        commonAnnotations: {},
        externalURL: '',
        alerts: [
          {
            status: 'firing',
            labels: { alertname: 'HighCpu', instance },
            annotations: {},
            startsAt: '2026-03-01T03:00:00Z',
            endsAt: '0001-01-01T00:00:00Z',
            generatorURL: '',
            fingerprint: instance.padStart(16, '0'),
          },
        ],
      }),
    })
  const listed = async (webhook = webhooks[0]) =>
    AlertPage.parse(await webhook?.json('/api/alerts')).items.map(({ entity }) => entity)
  const db = async (...args: string[]) => {
    const settings = ['--webhook', '--json', '--set', `store.url=${postgres.url()}`]
    const child = runAdf(['db', ...args, ...settings, '--set', `store.password=${PASSWORD}`])
    return { code: await child.exited, output: child.output() }
  }

  test('what each is told both know, once', async () => {
    const statuses = await Promise.all(
      ['1', '2', '3', '4'].flatMap((instance) =>
        webhooks.map(async ({ url }) => (await notify(url, instance)).status),
      ),
    )
    expect(statuses).toEqual(Array(8).fill(200))
    for (const webhook of webhooks) expect((await listed(webhook)).toSorted()).toEqual(['1', '2', '3', '4'])
  })

  test('while the server is gone Alertmanager is told to come again, and nothing that was taken is lost', async () => {
    await postgres.halt('immediate')
    for (const { url } of webhooks) {
      const refused = await notify(url, '5')
      expect(refused.status).toBe(503)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      expect((await fetch(`${url}/metrics`)).status).toBe(200)
    }
    await postgres.start()
    for (const { url } of webhooks) {
      await until('/ready again', async () => (await fetch(`${url}/ready`)).ok)
      expect((await notify(url, '5')).status).toBe(200)
    }
    for (const webhook of webhooks)
      expect((await listed(webhook)).toSorted()).toEqual(['1', '2', '3', '4', '5'])
  })

  test('adf db moves their store when both have stopped, not before', async () => {
    const file = `${webhooks[0]?.folder.path}/moved.db`
    await webhooks[1]?.process.stop()
    // It takes part again after the restart of the server.
    await until(
      'a share',
      async () =>
        Number(
          await postgres.sql(
            "select count(*) from pg_locks where locktype = 'advisory' and mode = 'ShareLock'",
          ),
        ) === 1,
    )
    expect(await db('move', '--to', file)).toMatchObject({
      code: 1,
      output: expect.stringContaining('is in use by another adf, connected from 127.0.0.1'),
    })
    await webhooks[0]?.process.stop()
    const moved = await db('move', '--to', file)
    expect(moved.code).toBe(0)
    expect(JSON.parse(moved.output).tables).toContainEqual({
      table: 'alerts',
      rows: 5,
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })
})
