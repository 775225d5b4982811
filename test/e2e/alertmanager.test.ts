import type { Incident } from '@adf/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAlertmanager } from '../harness/alertmanager.ts'
import { until } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { needs } from '../harness/servers.ts'
import { breakPayment, startWarmShop } from '../harness/warm-shop.ts'

const EXTERNAL_URL = 'https://adf.example.com/ops'

// One story, told in order.
describeWith(needs('alertmanager'), 'an incident at two real Alertmanagers', () => {
  let peers: Awaited<ReturnType<typeof startAlertmanager>>[] = []
  let shop: Awaited<ReturnType<typeof startWarmShop>>
  let incident: Incident

  beforeAll(async () => {
    peers = await Promise.all([startAlertmanager(), startAlertmanager()])
    shop = await startWarmShop({
      deliver: {
        external_url: EXTERNAL_URL,
        alertmanager: { urls: peers.map((peer) => peer.url), labels: { team: 'shop' } },
      },
    })
  })
  afterAll(async () => {
    await shop?.stop()
    for (const peer of peers) await peer.stop()
  })

  test('without a fault there is no alert', async () => {
    for (const peer of peers) expect(await peer.alerts()).toEqual([])
  })

  test('both get one alert with a link, and no score among its labels', async () => {
    incident = await breakPayment(shop.adf, shop.traffic)
    for (const peer of peers) {
      const alerts = await until(`an alert at ${peer.url}`, async () => {
        const seen = await peer.alerts()
        return seen.length > 0 && seen
      })
      expect(alerts).toHaveLength(1)
      const [alert] = alerts
      expect(alert?.labels).toEqual({
        alertname: 'ADFIncident',
        incident: incident.id,
        service: 'payment',
        severity: 'critical',
        team: 'shop',
      })
      expect(alert?.status.state).toBe('active')
      expect(Date.parse(alert?.startsAt ?? '')).toBe(Date.parse(incident.started_at))
      expect(alert?.annotations['incident_url']).toBe(`${EXTERNAL_URL}/incidents/${incident.id}`)
      expect(alert?.annotations['summary']).toMatch(/^payment is the probable cause/)
      expect(alert?.generatorURL).toBe(alert?.annotations['incident_url'])
    }
    expect(incident.causes[0]?.service).toBe('payment')
    const described = await shop.adf.json<Incident>(`/api/incidents/${incident.id}`)
    expect(described).toMatchObject({ id: incident.id, state: 'open' })
  })

  test('a verdict on the incident changes adf_rca_accuracy', async () => {
    const accuracy = () => shop.adf.metric('adf_rca_accuracy')
    const judge = (verdict: object) =>
      fetch(`${shop.adf.api}/api/feedback`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ incident_id: incident.id, author: 'ann', ...verdict }),
      })
    expect(await accuracy()).toBeNaN()
    expect((await judge({ verdict: 'true_positive' })).status).toBe(200)
    expect(await accuracy()).toBe(1)
    expect((await judge({ verdict: 'true_positive', cause: 'catalog' })).status).toBe(200)
    expect(await accuracy()).toBe(0)
    expect(await shop.adf.json<Incident>(`/api/incidents/${incident.id}`)).toMatchObject({
      verdict: 'true_positive',
    })
  })

  test('both are told when it is over', async () => {
    shop.traffic.strike(undefined)
    await until('a resolved incident', async () => {
      const { state } = await shop.adf.json<Incident>(`/api/incidents/${incident.id}`)
      return state === 'resolved'
    })
    // An open alert ends a minute ahead: gone from the list at once means that its end was sent.
    for (const peer of peers)
      await until(`no alert at ${peer.url}`, async () => (await peer.alerts()).length === 0, 10_000)
    expect(await shop.adf.metric('adf_alertmanager_dropped_alerts_total')).toBe(0)
  })
})
