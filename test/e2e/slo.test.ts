import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Incident, SloReport } from '@adf/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningAdf, startAdf } from '../harness/adf.ts'
import { startAlertmanager } from '../harness/alertmanager.ts'
import { runAdf, temporaryFolder, until } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { needs } from '../harness/servers.ts'

// A target that can burn twenty times too fast at most: few requests reach each burn rate, and few end it.
const DOCUMENT = `
apiVersion: openslo/v1
kind: SLO
metadata: { name: payment-availability, displayName: Payment works }
spec:
  service: payment
  indicator:
    spec:
      ratioMetric:
        good: { metricSource: { type: adf, spec: { kind: availability } } }
        total: { metricSource: { type: adf, spec: { kind: requests } } }
  objectives: [{ target: 0.95 }]
`
const FAILED = 200
const GOOD = 6000
const BATCH = 500

const alertLabels = (severity: string, window: string) => ({
  alertname: 'AdfSloBurn',
  service: 'payment',
  severity,
  slo: 'payment-availability',
  team: 'shop',
  window,
})
const ALL = [alertLabels('page', '1h'), alertLabels('ticket', '3d'), alertLabels('page', '6h')]

// One story, told in order.
describeWith(needs('alertmanager'), 'burn-rate alerts at a real Alertmanager', () => {
  const folder = temporaryFolder()
  let alertmanager: Awaited<ReturnType<typeof startAlertmanager>>
  let adf: RunningAdf
  let sent = 0

  /** Requests that payment served now, as OTLP/JSON spans. */
  async function requests(count: number, failed: boolean) {
    for (let done = 0; done < count; done += BATCH) {
      const now = BigInt(Date.now()) * 1_000_000n
      const spans = Array.from({ length: Math.min(BATCH, count - done) }, () => ({
        traceId: (++sent).toString(16).padStart(32, '0'),
        spanId: sent.toString(16).padStart(16, '0'),
        name: 'POST /pay',
        kind: 2,
        startTimeUnixNano: `${now - 5_000_000n}`,
        endTimeUnixNano: `${now}`,
        status: failed ? { code: 2 } : {},
      }))
      const attributes = [{ key: 'service.name', value: { stringValue: 'payment' } }]
      const response = await fetch(`http://127.0.0.1:${adf.httpPort}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans }] }] }),
      })
      expect(response.status).toBe(200)
    }
  }
  const firing = async () =>
    (await alertmanager.alerts()).filter(({ labels }) => labels['alertname'] === 'AdfSloBurn')
  const objective = async () => (await adf.json<SloReport>('/api/slo')).objectives[0]
  const byWindow = <T extends { labels: Record<string, string> }>(alerts: readonly T[]) =>
    alerts.toSorted((a, b) => ((a.labels['window'] ?? '') < (b.labels['window'] ?? '') ? -1 : 1))

  beforeAll(async () => {
    alertmanager = await startAlertmanager()
    const file = join(folder.path, 'payment.yaml')
    writeFileSync(file, DOCUMENT)
    adf = await startAdf({
      slo: { files: [file], save_interval: '1s' },
      // No vector is ever anomalous: what pages here is the budget alone.
      edge: { detection: { initial_threshold: 1 } },
      deliver: { alertmanager: { urls: [alertmanager.url], labels: { team: 'shop' } } },
    })
  })
  afterAll(async () => {
    await adf?.stop()
    await alertmanager?.stop()
    folder.remove()
  })

  test('tuning never silences a burn-rate page', async () => {
    const tuned = await fetch(`${adf.api}/api/thresholds`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ stream: 'service', entity_id: 'payment', value: 1, source: 'tuner' }),
    })
    expect(tuned.status).toBe(200)
    await requests(FAILED, true)
    const alerts = await until('all three alerts', async () => {
      const seen = await firing()
      return seen.length === 3 && seen
    })
    expect(byWindow(alerts).map(({ labels }) => labels)).toEqual(ALL)
    for (const { annotations, generatorURL } of alerts) {
      expect(annotations['summary']).toMatch(
        /^payment has used .* % of its 30-day error budget in the last (hour|six hours|three days); /,
      )
      expect(annotations['description']).toContain(
        'Payment works: 95 % of the requests of payment must succeed within 30 days',
      )
      expect(annotations['description']).toContain(`${FAILED} of ${FAILED} were bad (100 %, 20.0 times`)
      expect(generatorURL).toBe('http://127.0.0.1:8080/api/slo')
    }
    expect((await adf.json<{ items: Incident[] }>('/api/incidents')).items).toEqual([])
  })

  test('the report, the counters and the command line tell the same', async () => {
    expect(await objective()).toMatchObject({
      name: 'payment-availability',
      service: 'payment',
      source: 'spans',
      alerting: true,
      problem: null,
      alerts: [{ window: '1h' }, { window: '6h' }, { window: '3d' }],
    })
    const labels = { slo: 'payment-availability', service: 'payment' }
    expect(await adf.metric('adf_slo_requests_total', labels)).toBe(FAILED)
    expect(await adf.metric('adf_slo_good_requests_total', labels)).toBe(0)
    const status = runAdf(['slo', 'status', '--url', adf.api, '--no-color'])
    expect(await status.exited).toBe(1)
    expect(status.output()).toMatch(/payment-availability +payment +95 % +20\.00 /)
    expect(status.output()).toContain('  page since ')
  })

  test('after a crash nothing is lost that was saved, nothing counts twice, and the alerts go on', async () => {
    const before = byWindow(await firing())
    await requests(1, true)
    await until('the saving of all requests', () => savedTotal(adf.folder) === FAILED + 1)
    await adf.kill()
    adf = await adf.restart()
    const windows = (await objective())?.windows ?? []
    expect(windows.map(({ total, good }) => [total, good])).toEqual(windows.map(() => [FAILED + 1, 0]))
    await until('an alert that was sent again', async () => {
      const sentAgain = await adf.metric('adf_alertmanager_sent_alerts_total')
      return sentAgain >= 3
    })
    const after = byWindow(await firing())
    expect(after.map(({ labels, startsAt }) => [labels, startsAt])).toEqual(
      before.map(({ labels, startsAt }) => [labels, startsAt]),
    )
  })

  test('they are resolved when the budget burns no more', async () => {
    await requests(GOOD, false)
    await until('the end of every alert', async () => (await firing()).length === 0, 110_000)
    expect((await objective())?.alerts).toEqual([])
    expect(await adf.metric('adf_slo_alert_changes_total', { change: 'resolved' })).toBe(3)
    expect(await adf.metric('adf_alertmanager_dropped_alerts_total')).toBe(0)
  })
})

/** Requests in the database, by minute. */
function savedTotal(folder: string): number {
  const db = new DatabaseSync(join(folder, 'adf.db'), { readOnly: true })
  try {
    const row = db.prepare('select sum(total) as total from slo_counts where step_ms = 60000').get()
    return Number(row?.['total'])
  } finally {
    db.close()
  }
}
