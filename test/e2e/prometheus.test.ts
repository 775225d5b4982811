import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../harness/process.ts'
import { startPrometheus } from '../harness/prometheus.ts'
import { describeWith } from '../harness/requirement.ts'
import { findServer, needs } from '../harness/servers.ts'
import { EDGES, SERVICES } from '../harness/shop.ts'
import { breakPayment, startWarmShop } from '../harness/warm-shop.ts'

const RULES = `
groups:
  - name: adf
    rules:
      - alert: Anomaly
        expr: adf_anomaly_score > adf_anomaly_threshold
        for: 2s
`

// One story, told in order.
describeWith(needs('prometheus', 'promtool'), 'a real Prometheus', () => {
  let shop: Awaited<ReturnType<typeof startWarmShop>>
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>

  beforeAll(async () => {
    shop = await startWarmShop()
    prometheus = await startPrometheus({ targets: { adf: new URL(shop.adf.api).host }, rules: RULES })
  })
  afterAll(async () => {
    await prometheus?.stop()
    await shop?.stop()
  })
  const firing = async () =>
    (await prometheus.alerts()).filter((one) => one.state === 'firing').map((one) => one.labels)

  test('scrapes a score and a threshold with the same labels for every service, and no alert fires', async () => {
    const series = async (metric: string) =>
      (await prometheus.query(metric)).map((one) => `${one.metric['stream']} ${one.metric['entity']}`).sort()
    const wanted = SERVICES.map((service) => `service ${service}`).sort()
    await until('a scrape', async () => (await series('adf_anomaly_score')).length === wanted.length)
    expect(await series('adf_anomaly_score')).toEqual(wanted)
    expect(await series('adf_anomaly_threshold')).toEqual(wanted)
    expect(await prometheus.query('up == 1')).toHaveLength(1)
    expect(await firing()).toEqual([])
  })

  test('adf_anomaly_score > adf_anomaly_threshold fires for the broken service and for no other', async () => {
    const incident = await breakPayment(shop.adf, shop.traffic)
    const alerts = await until('an alert', async () => {
      const labels = await firing()
      return labels.length > 0 && labels
    })
    expect(alerts).toEqual([
      expect.objectContaining({ alertname: 'Anomaly', stream: 'service', entity: 'payment', job: 'adf' }),
    ])
    expect(incident.causes[0]?.service).toBe('payment')
    await until('the counts of the incident', async () => {
      const [detected] = await prometheus.query('sum(adf_anomalies_detected_total{stream="service"})')
      const [published] = await prometheus.query('adf_detection_latency_seconds_count')
      return Number(detected?.value[1]) > 0 && Number(published?.value[1]) > 0
    })
  })

  test('the service graph has the edges, with their calls and failures', async () => {
    const edges = await until('the edges', async () => {
      const seen = await prometheus.query('traces_service_graph_request_total')
      return seen.length >= EDGES.length && seen
    })
    const name = (id: string | undefined) => id?.replace('database:', '')
    expect(edges.map(({ metric }) => `${metric['client']} ${metric['server']}`).sort()).toEqual(
      EDGES.map(name).sort(),
    )
    const types = Object.fromEntries(
      edges.map(({ metric }) => [metric['server'], metric['connection_type'] ?? '']),
    )
    expect(types).toEqual({ shop: 'virtual_node', orders: '', catalog: '', payment: '', ledger: 'database' })
    for (const { value } of edges) expect(Number(value[1])).toBeGreaterThan(100)
    // As Grafana's view asks.
    const failing = await until('failures', async () => {
      const rates = await prometheus.query('rate(traces_service_graph_request_failed_total[10s]) > 0')
      return rates.length > 0 && rates
    })
    expect(failing.map(({ metric }) => `${metric['client']} ${metric['server']}`)).toEqual(['orders payment'])
    const quantile =
      'histogram_quantile(0.9, sum by (le, server) (rate(traces_service_graph_request_server_seconds_bucket[10s])))'
    const latencies = await prometheus.query(quantile)
    expect(latencies.map(({ metric }) => metric['server']).sort()).toEqual([...SERVICES].sort())
    for (const { value } of latencies) expect(Number(value[1])).toBeLessThan(0.1)
  })

  test('promtool check metrics has nothing to say', async () => {
    // Families that are empty without them: metrics of events refused, verdicts, API errors, forwards.
    await fetch(`${shop.adf.api}/api/anomalies/none`)
    await fetch(`http://127.0.0.1:${shop.adf.httpPort}/v1/traces`, { method: 'POST', body: 'not OTLP' })
    const { items } = await shop.adf.json<{ items: { id: string }[] }>('/api/anomalies?limit=1')
    const verdict = await fetch(`${shop.adf.api}/api/feedback`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ anomaly_id: items[0]?.id, verdict: 'true_positive' }),
    })
    expect(verdict.status).toBe(200)
    const exposition = await (await shop.adf.get('/metrics')).text()
    for (const family of [
      'adf_anomaly_score',
      'adf_verdicts_total',
      'adf_rca_accuracy',
      'detector_true_positives_total',
    ])
      expect(exposition).toContain(`\n${family}`)
    const program = findServer('promtool') ?? 'promtool'
    // Ends with 3 where there is something to say.
    expect(execFileSync(program, ['check', 'metrics'], { input: exposition, encoding: 'utf8' })).toBe('')
  })
})
