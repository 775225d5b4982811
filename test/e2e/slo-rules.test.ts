import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SloReport } from '@adf/contract'
import { seeded } from '@adf/detectors'
import {
  createTables,
  MetricBatchBuilder,
  openSqliteStore,
  type ReadObjectives,
  readObjectives,
  SloEngine,
} from '@adf/processor'
import { createRegistry } from '@adf/service'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runAdf, temporaryFolder } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { findServer, needs } from '../harness/servers.ts'

const MINUTE = 60_000
const DAY_MINUTES = 1440
/** A full day, so that hours and minutes begin where those of promtool do. */
const T0 = Date.UTC(2026, 0, 1)
/** ADF's alerts go on for a minute after their windows went quiet, those of Prometheus do not: minutes judged before one is asked. */
const SETTLED = 3
/** Days after which both sides are asked. */
const ASKED = [1, 5, 21, 31]
const TARGET = 0.999
/** Minutes between two samples that promtool gets: it refuses ranges of more than 10,000. */
const SCRAPE = 5

const DOCUMENTS = `
apiVersion: openslo/v1
kind: SLO
metadata: { name: checkout-availability }
spec:
  service: checkout
  indicator:
    spec:
      ratioMetric:
        good: { metricSource: { type: adf, spec: { kind: availability } } }
        total: { metricSource: { type: adf, spec: { kind: requests } } }
  objectives: [{ target: ${TARGET} }]
---
apiVersion: openslo/v1
kind: SLO
metadata: { name: checkout-latency }
spec:
  service: checkout
  indicator:
    spec:
      thresholdMetric: { metricSource: { type: adf, spec: { kind: latency, threshold: 250ms } } }
  objectives: [{ target: 0.99 }]
`
const NAMES = ['checkout-availability', 'checkout-latency'] as const
type Name = (typeof NAMES)[number]

/** Requests of a minute: failed ones are of another series, slow ones above 0.25 s. */
interface Minute {
  readonly total: number
  readonly failed: number
  readonly slow: number
}

/** A month of requests with an ordinary share of failures, and three incidents that end at or before a day that is asked about. */
function* month(): Generator<Minute> {
  const rng = seeded(7)
  const incident = (minute: number) => {
    if (minute >= 5 * DAY_MINUTES - 90 && minute < 5 * DAY_MINUTES) return 0.03
    if (minute >= 21 * DAY_MINUTES - 300 && minute < 21 * DAY_MINUTES - 10) return 0.02
    return 0.0004
  }
  for (let minute = 0; minute < 31 * DAY_MINUTES; minute++) {
    const total = Math.floor(400 + 300 * Math.sin((2 * Math.PI * minute) / DAY_MINUTES) + 200 * rng())
    let failed = 0
    for (let i = 0; i < total; i++) if (rng() < incident(minute)) failed++
    yield { total, failed, slow: Math.min(total - failed, Math.floor(total * 0.02 * rng())) }
  }
}

/** Cumulative counters of both objectives, a sample for each scrape, as ADF would export them. */
interface Series {
  readonly total: number[]
  readonly good: Record<Name, number[]>
}

describeWith(needs('promtool'), 'the arithmetic of SLOs', () => {
  const folder = temporaryFolder()
  const documents = join(folder.path, 'slo.yaml')
  const rules = join(folder.path, 'rules.yml')
  const reports = new Map<number, SloReport>()
  const series: Series = { total: [0], good: { 'checkout-availability': [0], 'checkout-latency': [0] } }
  const promtool = (...args: string[]) =>
    execFileSync(findServer('promtool') ?? 'promtool', args, { encoding: 'utf8', stdio: 'pipe' })

  beforeAll(async () => {
    writeFileSync(documents, DOCUMENTS)
    const made = runAdf(['slo', 'rules', documents, '--out', rules, '--tests', join(folder.path, 'made.yml')])
    expect(await made.exited, made.output()).toBe(0)
    await feed(readObjectives({ files: [documents], objectives: [] }), series, reports)
  }, 300_000)
  afterAll(() => folder.remove())

  test('promtool has nothing to say of the generated rules, and their generated tests pass', () => {
    expect(promtool('check', 'rules', rules)).toContain('SUCCESS')
    expect(promtool('test', 'rules', join(folder.path, 'made.yml'))).toContain('SUCCESS')
    expect(readFileSync(rules, 'utf8')).toContain('alert: AdfSloBurn')
  })

  test('is that of Prometheus on the same series, within 1e-9, and so are the alerts', () => {
    const file = join(folder.path, 'same.yml')
    writeFileSync(file, JSON.stringify(sameAs(reports, series)))
    expect(promtool('test', 'rules', file)).toContain('SUCCESS')
    // What was compared was not all zero, and not all alike.
    const firing = ASKED.map((day) =>
      reports.get(day)?.objectives[0]?.windows.map(({ burn_rate }) => Number(burn_rate).toFixed(1)),
    )
    expect(new Set(firing.map((rates) => JSON.stringify(rates))).size).toBe(ASKED.length)
  }, 300_000)
})

/** Gives the month to an engine as a cumulative histogram that is exported each minute, and keeps what it reports on the days asked. */
async function feed({ objectives }: ReadObjectives, series: Series, reports: Map<number, SloReport>) {
  let nowMs = T0
  const clock = () => nowMs
  const registry = createRegistry({ processMetrics: false })
  const store = await openSqliteStore({ path: ':memory:', clock })
  const silent = () => {}
  const engine = new SloEngine(
    {
      objectives,
      defaults: { objective: TARGET, services: {} },
      maxServices: 10,
      maxSeries: 10,
      saveIntervalMs: 600_000,
      alerts: 'named',
    },
    {
      store: store.slo,
      outbox: store.outbox,
      sink: { raise: silent, end: silent },
      registry,
      clock,
      log: { info: silent, warn: silent, error: silent },
    },
  )
  const tables = createTables({ max_strings: 1000, max_resources: 10, max_services: 10 }, registry)
  const builder = new MetricBatchBuilder(tables)
  const sums = { fast: 0, slow: 0, failed: 0 }
  let minute = 0
  for (const { total, failed, slow } of month()) {
    minute++
    sums.fast += total - failed - slow
    sums.slow += slow
    sums.failed += failed
    if (minute % SCRAPE === 0) {
      series.total.push(sums.fast + sums.slow + sums.failed)
      series.good['checkout-availability'].push(sums.fast + sums.slow)
      series.good['checkout-latency'].push(sums.fast + sums.failed)
    }
    const point = {
      resource: { 'service.name': 'checkout' },
      name: 'http.server.request.duration',
      unit: 's',
      kind: 'histogram',
      temporality: 2,
      startMs: T0,
      timeMs: T0 + minute * MINUTE,
      bounds: [0.25],
    } as const
    builder.reset()
    builder.add({ ...point, count: sums.fast + sums.slow, bucketCounts: [sums.fast, sums.slow] }).add({
      ...point,
      count: sums.failed,
      bucketCounts: [sums.failed, 0],
      attributes: { 'http.response.status_code': '500' },
    })
    // The last moment of the minute: in the next one there is nothing yet.
    nowMs = T0 + minute * MINUTE - 1
    engine.metrics(builder.batch, nowMs)
    const day = Math.ceil(minute / DAY_MINUTES)
    if (!ASKED.includes(day) || minute < day * DAY_MINUTES - SETTLED) continue
    engine.tick(nowMs)
    if (minute === day * DAY_MINUTES) reports.set(day, engine.report())
  }
  await store.close()
}

/** A file for `promtool test rules`: the counters, and what ADF made of them, compared by Prometheus itself. */
function sameAs(reports: ReadonlyMap<number, SloReport>, { total, good }: Series) {
  const labels = (name: string) => `{slo="${name}", service="checkout"}`
  return {
    rule_files: ['rules.yml'],
    evaluation_interval: '1d',
    tests: [
      {
        interval: `${SCRAPE}m`,
        input_series: NAMES.flatMap((name) => [
          { series: `adf_slo_requests_total${labels(name)}`, values: total.join(' ') },
          { series: `adf_slo_good_requests_total${labels(name)}`, values: good[name].join(' ') },
        ]),
        promql_expr_test: [...reports].flatMap(([day, { objectives }]) =>
          objectives.flatMap(({ name, windows, budget }) => [
            ...windows.map(({ window, burn_rate }) => ({
              expr: `abs(slo_service:adf_slo_burn:rate${window}{slo="${name}"} - ${burn_rate}) < bool 1e-9`,
              eval_time: `${day}d`,
              exp_samples: [{ labels: labels(name), value: 1 }],
            })),
            // A budget that was not counted for a whole period is another matter: Prometheus has no traffic to come.
            ...(day === 31
              ? [
                  {
                    expr: `abs(slo_service:adf_slo_budget_left:ratio{slo="${name}"} - ${budget.left}) < bool 1e-6`,
                    eval_time: `${day}d`,
                    exp_samples: [{ labels: labels(name), value: 1 }],
                  },
                ]
              : []),
          ]),
        ),
        alert_rule_test: [...reports].map(([day, { objectives }]) => ({
          eval_time: `${day}d`,
          alertname: 'AdfSloBurn',
          exp_alerts: objectives.flatMap(({ name, objective, alerts, windows }) =>
            alerts.map(({ severity, window }) => ({
              exp_labels: { slo: name, service: 'checkout', severity, window },
              exp_annotations: annotations(
                name,
                objective,
                window,
                windows.find((each) => each.window === window)?.burn_rate ?? 0,
              ),
            })),
          ),
        })),
      },
    ],
  }
}

const SHORT = { '1h': '5m', '6h': '30m', '3d': '6h' } as const

const annotations = (name: string, target: number, window: keyof typeof SHORT, rate: number) => ({
  summary: `checkout burns its error budget ${rate.toFixed(1)} times too fast over ${window} and ${SHORT[window]}`,
  description: `${100 * target} % of the requests of checkout must ${name === 'checkout-latency' ? 'take 250 ms at most' : 'succeed'} within 30 days`,
})
