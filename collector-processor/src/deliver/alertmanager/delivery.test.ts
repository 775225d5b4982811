import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Incident } from '@adf/contract'
import { createLogger, createRegistry } from '@adf/service'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { objections } from '../../api/promtool.test-tool.ts'
import { sampleCause } from '../../rootcause/sample.test-data.ts'
import { sampleIncident } from '../../store/sample.test-data.ts'
import { openSqliteStore } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import { freePort, program, startAlertmanager, until } from './alertmanager.test-server.ts'
import { AlertmanagerDelivery, type AlertmanagerOptions, type OtherAlerts } from './delivery.ts'

const cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

/** Opened now, as Alertmanager knows it. */
function incident(n: number, more: Partial<Incident> = {}): Incident {
  const now = new Date().toISOString()
  return sampleIncident(n, { started_at: now, opened_at: now, updated_at: now, ...more })
}
const resolved = (of: Incident): Incident => ({
  ...of,
  state: 'resolved',
  resolved_at: new Date().toISOString(),
})

async function aStore(): Promise<Store> {
  const store = await openSqliteStore({ path: ':memory:', clock: Date.now })
  cleanUp.push(() => store.close())
  return store
}

async function deliver(
  urls: string[],
  store: Store,
  more: Partial<AlertmanagerOptions> = {},
  others?: OtherAlerts,
) {
  const log = createLogger({ name: 'test', level: 'silent' })
  const warn = vi.spyOn(log, 'warn')
  const registry = createRegistry({ processMetrics: false })
  const delivery = new AlertmanagerDelivery({
    options: {
      urls,
      resendIntervalMs: 60_000,
      timeoutMs: 2000,
      credentials: {},
      labels: { team: 'shop' },
      externalUrl: 'http://adf.example/',
      ...more,
    },
    outbox: store.outbox,
    incidents: store.incidents,
    registry,
    clock: Date.now,
    log,
    ...(others !== undefined && { others }),
  })
  await delivery.start()
  cleanUp.push(() => delivery.stop())
  const metric = async (name: string) => {
    const line = (await registry.metrics()).split('\n').find((text) => text.startsWith(name))
    return line === undefined ? undefined : Number(line.split(' ').at(-1))
  }
  const warnings = () => warn.mock.calls.map(([fields]) => fields)
  return { delivery, metric, registry, warnings }
}

async function anAlertmanager(port?: number) {
  const alertmanager = await startAlertmanager(port ?? (await freePort()))
  cleanUp.push(() => alertmanager.stop())
  return alertmanager
}

// On a person's machine without Alertmanager these are left out; where CI is set they fail instead.
describe.skipIf(program === undefined && process.env['CI'] === undefined)('a real Alertmanager', () => {
  test('gets an incident that opens, with stable labels, a link and no score, within a second', async () => {
    const alertmanager = await anAlertmanager()
    const { delivery, metric, registry } = await deliver([alertmanager.url], await aStore())
    const opened = incident(1)
    delivery.changed(opened, 'opened')
    await until(async () => (await alertmanager.alerts()).length === 1, 1000)
    const [alert] = await alertmanager.alerts()
    expect(alert?.labels).toEqual({
      alertname: 'ADFIncident',
      incident: opened.id,
      service: 'payment',
      severity: 'critical',
      team: 'shop',
    })
    expect(alert?.annotations['summary']).toBe('payment is the probable cause (87 %)')
    expect(alert?.annotations['description']).toContain('1. payment (87 %)')
    expect(alert?.generatorURL).toBe(`http://adf.example/incidents/${opened.id}`)
    expect(Date.parse(alert?.startsAt ?? '')).toBe(Date.parse(opened.started_at))
    expect(await metric('adf_alertmanager_latency_seconds_count{peer="0"}')).toBe(1)
    expect(objections(await registry.metrics()) ?? '').toBe('')
  })

  test('gets alerts that are of no incident, as they are described when they are sent, also after a restart', async () => {
    const alertmanager = await anAlertmanager()
    const store = await aStore()
    let told = 'used 2 %'
    const others = {
      owns: (id: string) => id.startsWith('slo:'),
      annotations: () => ({ summary: told }),
      path: '/api/slo',
    }
    const first = await deliver([alertmanager.url], store, {}, others)
    const [stays, ends] = ['slo:a:1', 'slo:b:1'].map((id) => ({
      incidentId: id,
      labels: { alertname: 'AdfSloBurn', slo: id },
      startsMs: Date.now(),
      endsMs: null,
    }))
    if (stays === undefined || ends === undefined) throw new Error('two alerts')
    for (const alert of [stays, ends]) first.delivery.raise(alert)
    await until(async () => (await alertmanager.alerts()).length === 2)
    first.delivery.end(ends.incidentId, Date.now())
    await until(async () => (await alertmanager.alerts()).length === 1)
    await first.delivery.stop()
    told = 'used 3 %'
    const second = await deliver([alertmanager.url], store, {}, others)
    await until(async () => (await alertmanager.alerts())[0]?.annotations['summary'] === told)
    expect(await alertmanager.alerts()).toMatchObject([
      { labels: { ...stays.labels, team: 'shop' }, generatorURL: 'http://adf.example/api/slo' },
    ])
    second.delivery.end(stays.incidentId, Date.now())
    await until(async () => (await alertmanager.alerts()).length === 0)
  })

  test('sees changes of the title in the same alert, and its end', async () => {
    const alertmanager = await anAlertmanager()
    const { delivery } = await deliver([alertmanager.url], await aStore())
    const opened = incident(1)
    delivery.changed(opened, 'opened')
    const renamed = {
      ...opened,
      title: 'cart is the probable cause',
      causes: [sampleCause('cart', 0.9)],
    }
    delivery.changed(renamed, 'updated')
    await until(async () => (await alertmanager.alerts())[0]?.annotations['summary'] === renamed.title)
    expect(await alertmanager.alerts()).toMatchObject([{ labels: { service: 'payment' } }])
    delivery.changed(resolved(renamed), 'resolved')
    await until(async () => (await alertmanager.alerts()).length === 0)
  })

  test('is kept up to date by resends', async () => {
    const alertmanager = await anAlertmanager()
    const { delivery, metric } = await deliver([alertmanager.url], await aStore(), { resendIntervalMs: 50 })
    delivery.changed(incident(1), 'opened')
    await until(async () => (await alertmanager.alerts()).length === 1)
    const before = (await alertmanager.alerts())[0]?.endsAt ?? ''
    await until(async () => ((await alertmanager.alerts())[0]?.endsAt ?? '') > before)
    expect(await metric('adf_alertmanager_sent_alerts_total{peer="0"}')).toBeGreaterThan(1)
    expect(await alertmanager.alerts()).toHaveLength(1)
  })

  test('of two, one that is down does not stop the other, and gets all when it comes back', async () => {
    const port = await freePort()
    const up = await anAlertmanager()
    const { delivery, metric } = await deliver([`http://127.0.0.1:${port}`, up.url], await aStore())
    delivery.changed(incident(1), 'opened')
    await until(async () => (await up.alerts()).length === 1, 1000)
    await until(
      async () => (await metric('adf_alertmanager_failed_alerts_total{peer="0",reason="connection"}')) === 1,
    )
    expect(delivery.statuses()).toMatchObject([
      { name: 'alertmanager/0', reachable: false },
      { name: 'alertmanager/1', reachable: true, last_error: null },
    ])
    const late = await anAlertmanager(port)
    await until(async () => (await late.alerts()).length === 1)
  })

  test('hears of everything again after a restart of ADF, and of what ended meanwhile', async () => {
    const alertmanager = await anAlertmanager()
    const store = await aStore()
    const [stays, ends, unsent] = [incident(1), incident(2), incident(3)]
    for (const one of [stays, ends]) await store.incidents.save(one)
    const first = await deliver([alertmanager.url], store)
    for (const one of [stays, ends]) first.delivery.changed(one, 'opened')
    await until(async () => (await alertmanager.alerts()).length === 2)
    await first.delivery.stop()
    await alertmanager.stop()
    await store.incidents.save(resolved(ends))
    await store.incidents.save({ ...stays, causes: [sampleCause('cart', 1)] })
    await store.incidents.save(unsent)

    const fresh = await anAlertmanager()
    const second = await deliver([fresh.url], store)
    await until(async () => (await fresh.alerts()).length === 2)
    const seen = (await fresh.alerts()).map(({ labels }) => [labels['incident'], labels['service']]).sort()
    expect(seen).toEqual([
      [stays.id, 'payment'],
      [unsent.id, 'payment'],
    ])
    await until(async () => (await second.metric('adf_alertmanager_sent_alerts_total{peer="0"}')) === 3)
    await second.delivery.stop()
    expect(await second.metric('adf_alertmanager_sent_alerts_total{peer="0"}')).toBe(3)
    expect((await store.outbox.pending(0)).filter(({ endsMs }) => endsMs === null)).toHaveLength(2)
  })
})

describe('a server that answers as it likes', () => {
  interface Heard {
    readonly headers: IncomingHttpHeaders
    readonly path: string
    readonly incidents: string[]
  }
  async function aServer(answer: (heard: Heard, count: number) => number, headers: OutgoingHttpHeaders = {}) {
    const heard: Heard[] = []
    const server: Server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const alerts: { labels: { incident: string } }[] = JSON.parse(Buffer.concat(chunks).toString())
      const one = {
        headers: request.headers,
        path: request.url ?? '',
        incidents: alerts.map(({ labels }) => labels.incident),
      }
      heard.push(one)
      response.writeHead(answer(one, heard.length), headers).end('"said so"')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    cleanUp.push(async () => {
      server.closeAllConnections()
      server.close()
    })
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return { url: `http://127.0.0.1:${address.port}/am/`, heard }
  }

  test('503: the alert is sent again, with what changed meanwhile', async () => {
    const { url, heard } = await aServer((_, count) => (count < 3 ? 503 : 200))
    const { delivery, metric } = await deliver([url], await aStore())
    delivery.changed(incident(1), 'opened')
    await until(async () => heard.length === 3)
    expect(heard.map(({ path }) => path)).toEqual(Array(3).fill('/am/api/v2/alerts'))
    await until(async () => (await metric('adf_alertmanager_sent_alerts_total{peer="0"}')) === 1)
    expect(await metric('adf_alertmanager_failed_alerts_total{peer="0",reason="status"}')).toBe(2)
  })

  test('400: the bad alert is found and dropped, the others are not held up', async () => {
    const bad = incident(2).id
    const { url, heard } = await aServer(({ incidents }, count) => {
      if (count === 1) return 503
      return incidents.includes(bad) ? 400 : 200
    })
    const { delivery, metric } = await deliver([url], await aStore())
    for (const n of [1, 2, 3]) delivery.changed(incident(n), 'opened')
    await until(async () => (await metric('adf_alertmanager_sent_alerts_total{peer="0"}')) === 2)
    await until(
      async () => (await metric('adf_alertmanager_dropped_alerts_total{peer="0",reason="rejected"}')) === 1,
    )
    expect(heard.at(-1)?.incidents).toHaveLength(1)
    expect(heard.filter(({ incidents }) => incidents.length === 1 && incidents[0] === bad)).toHaveLength(1)
  })

  test('a redirect is a failure that names where to, and the alert is kept for the next try', async () => {
    const target = await aServer(() => 200)
    const { url, heard } = await aServer((_, count) => (count < 3 ? 301 : 200), {
      location: `${target.url}elsewhere`,
    })
    const { delivery, metric, warnings } = await deliver([url], await aStore())
    delivery.changed(incident(1), 'opened')
    await until(
      async () => (await metric('adf_alertmanager_failed_alerts_total{peer="0",reason="redirect"}')) === 1,
    )
    expect(delivery.statuses()).toMatchObject([{ reachable: false }])
    expect(delivery.statuses()[0]?.last_error).toContain(`301 redirects to ${target.url}elsewhere`)
    expect(warnings()).toMatchObject([{ message: expect.stringContaining(`${target.url}elsewhere`) }])
    await until(async () => (await metric('adf_alertmanager_sent_alerts_total{peer="0"}')) === 1)
    expect(heard).toHaveLength(3)
    expect(target.heard).toEqual([])
  })

  test('400 to many and 503 to one: backs off as ever, and says so once', async () => {
    const { url, heard } = await aServer(({ incidents }) => (incidents.length > 1 ? 400 : 503))
    const { delivery, metric, warnings } = await deliver([url], await aStore())
    for (const n of [1, 2, 3]) delivery.changed(incident(n), 'opened')
    await until(async () => heard.filter(({ incidents }) => incidents.length > 1).length === 2)
    // The first alert may have gone before the others came; each round is one request of many and one of one.
    await delivery.stop()
    expect(heard.length).toBeLessThan(12)
    expect(await metric('adf_alertmanager_pending_alerts{peer="0"}')).toBe(3)
    expect(warnings()).toHaveLength(2)
    for (const reason of ['status', 'rejected'])
      expect(warnings()).toContainEqual(expect.objectContaining({ reason }))
  })

  test('400 to many and 503 to one of them: the others arrive', async () => {
    const busy = incident(1).id
    const { url } = await aServer(({ incidents }) =>
      incidents.length > 1 ? 400 : incidents[0] === busy ? 503 : 200,
    )
    const { delivery, metric } = await deliver([url], await aStore())
    for (const n of [1, 2, 3, 4]) delivery.changed(incident(n), 'opened')
    await until(async () => (await metric('adf_alertmanager_sent_alerts_total{peer="0"}')) === 3)
    expect(await metric('adf_alertmanager_pending_alerts{peer="0"}')).toBeLessThanOrEqual(1)
  })

  test('credentials come from files, are read anew, and their absence is told', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'adf-secret-'))
    cleanUp.push(() => rm(folder, { recursive: true }))
    const file = join(folder, 'secret')
    const { url, heard } = await aServer(() => 200)
    const store = await aStore()
    const basic = await deliver([url], store, {
      credentials: { basicAuth: { username: 'adf', passwordFile: file } },
    })
    basic.delivery.changed(incident(1), 'opened')
    await until(
      async () =>
        (await basic.metric('adf_alertmanager_failed_alerts_total{peer="0",reason="credentials"}')) === 1,
    )
    await writeFile(file, 'first\n')
    await until(async () => heard.length === 1)
    expect(heard[0]?.headers.authorization).toBe(`Basic ${Buffer.from('adf:first').toString('base64')}`)

    const bearer = await deliver([url], await aStore(), { credentials: { bearerTokenFile: file } })
    bearer.delivery.changed(incident(2), 'opened')
    await until(async () => heard.length === 2)
    expect(heard[1]?.headers.authorization).toBe('Bearer first')
  })

  test('stopping gives what is due one last chance and does not wait for a server that is down', async () => {
    const { url, heard } = await aServer(() => 503)
    const { delivery } = await deliver([url], await aStore())
    delivery.changed(incident(1), 'opened')
    await until(async () => heard.length === 1)
    await delivery.stop()
    expect(heard.length).toBeLessThanOrEqual(3)
  })

  test('more alerts than are kept are dropped and counted', async () => {
    const { url } = await aServer(() => 200)
    const { delivery, metric } = await deliver([url], await aStore(), { maxAlerts: 1 })
    for (const n of [1, 2]) delivery.changed(incident(n), 'opened')
    expect(await metric('adf_alertmanager_dropped_alerts_total{peer="all",reason="too_many"}')).toBe(1)
  })
})
