import { readdirSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { AnomalyPage, EntityPage, Graph } from '@adf/contract'
import notification from '@adf/contract/golden/feedback/notification.json' with { type: 'json' }
import { normal, seeded } from '@adf/detectors'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readDashboards, runDashboard } from '../harness/dashboards.ts'
import { type RunningFederation, startFederation } from '../harness/federation-server.ts'
import { startHostBeat } from '../harness/host-metrics.ts'
import { freePort, type Running, run, runAdf, temporaryFolder, until } from '../harness/process.ts'
import { startPrometheus } from '../harness/prometheus.ts'
import { describeWith } from '../harness/requirement.ts'
import { findServer, needs } from '../harness/servers.ts'
import { breakPayment, QUICK, startWarmShop } from '../harness/warm-shop.ts'

const STREAMS = join(import.meta.dirname, '../../provisioning/streams')
const EVENT_STREAMS = ['server_metrics', 'transactions', 'iot_sensors']
const FEATURES = ['a', 'b', 'c', 'd']
/** Some of their runs of vectors are held out, so that the weights can be compared. */
const MACHINES = 4
const VECTORS = 1400
const ROUNDS = 4
const HOST = hostname()
const SLOW_MS = 300_000

/** The example streams, as their files have them. */
const exampleStreams = (): Record<string, unknown> =>
  Object.assign(
    {},
    ...readdirSync(STREAMS).map(
      (file) => (parse(readFileSync(join(STREAMS, file), 'utf8')) as { streams: object }).streams,
    ),
  )

// What Grafana would show after ADF has run for a while with all of its parts.
describeWith(
  needs('prometheus', 'nodeExporter'),
  'the dashboards, on a real Prometheus and a real processor',
  () => {
    const folder = temporaryFolder()
    let federation: RunningFederation
    let shop: Awaited<ReturnType<typeof startWarmShop>>
    let exporter: Running
    let prometheus: Awaited<ReturnType<typeof startPrometheus>>
    let stopBeat: (() => Promise<void>) | undefined
    /** The one of payment. */
    let incident: string

    beforeAll(async () => {
      federation = await startFederation({
        // Slower than Prometheus scrapes: there are rounds between two of them.
        coordinator: { num_rounds: ROUNDS, min_clients_per_round: 1, gather: '2s', round_deadline: '60s' },
        training: { epochs: 2, batch_size: 8, learning_rate: 0.02 },
        aggregation: { pre_steps: [], rule: 'fed_avg', faulty: 0 },
        poisoning_detection: { enabled: false },
        runs: { machines: { stream: 'machines', features: FEATURES, kind: 'autoencoder' } },
      })
      shop = await startWarmShop(
        {
          edge: {
            ...QUICK.edge,
            detection: {
              ...QUICK.edge.detection,
              detectors: ['robust', 'pca', 'autoencoder'],
              settle: 0,
            },
          },
          incident: { resolve_after: '1h' },
          graph: { snapshot_interval: '1s' },
          streams: {
            ...exampleStreams(),
            machines: {
              entity: 'id',
              features: Object.fromEntries(FEATURES.map((feature) => [feature, {}])),
            },
          },
          federation: {
            enabled: true,
            url: federation.url,
            token: await federation.invite(),
            name: 'site-1',
            streams: ['machines'],
            state: join(folder.path, 'site'),
            cpu_budget: 1,
            poll_interval: '1s',
          },
        },
        { webhook: true },
      )
      const port = await freePort()
      exporter = run(findServer('nodeExporter') ?? '', [`--web.listen-address=127.0.0.1:${port}`])
      prometheus = await startPrometheus({
        targets: {
          adf: new URL(shop.adf.api).host,
          'adf-webhook': new URL(shop.adf.webhook ?? '').host,
          'adf-federation': new URL(federation.url).host,
          node: `127.0.0.1:${port}`,
        },
      })
      // A rate sees what happens after the first scrape.
      await until('a scrape of each', async () => (await prometheus.query('up == 1')).length === 4)
    }, SLOW_MS)
    afterAll(async () => {
      await stopBeat?.().catch(() => {})
      await prometheus?.stop()
      await exporter?.stop()
      await shop?.stop()
      await federation?.stop()
      folder.remove()
    })

    const otlp = () => `http://127.0.0.1:${shop.adf.httpPort}`
    const post = async (url: string, body: unknown) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      expect(response.ok, await response.text()).toBe(true)
    }

    test('it runs for a while, with faults and verdicts', { timeout: SLOW_MS }, async () => {
      const simulations = EVENT_STREAMS.map((stream) =>
        runAdf([
          'simulate',
          '--stream',
          stream,
          '--rate',
          '400',
          '--count',
          '4000',
          '--seed',
          '7',
          '--url',
          shop.adf.api,
        ]),
      )
      stopBeat = startHostBeat({ otlp: otlp(), api: shop.adf.api }, HOST)
      await feedMachines()
      const { id } = await breakPayment(shop.adf, shop.traffic)
      incident = id
      await deploy('1.0.0')
      await until('the first version', async () => (await graph()).nodes.some(({ id }) => id === 'biller'))
      await deploy('1.1.0')
      await until('a deployment', async () => (await graph()).changes.length > 0)
      for (const simulation of simulations) expect(await simulation.exited, simulation.output()).toBe(0)
      for (const stream of [...EVENT_STREAMS, 'host'])
        await until(`an anomaly of ${stream}`, async () => (await anomalies(stream)).length > 0, 120_000)

      const [first, second] = await anomalies('service')
      const feedback = `${shop.adf.webhook}/api/feedback`
      await post(`${shop.adf.api}/api/feedback`, { anomaly_id: first?.id, verdict: 'true_positive' })
      await post(`${shop.adf.api}/api/feedback`, { anomaly_id: second?.id, verdict: 'false_positive' })
      await post(feedback, {
        incident_id: incident,
        verdict: 'true_positive',
        cause: 'payment',
        author: 'ada',
      })
      const [alert] = notification.alerts
      await post(`${shop.adf.webhook}/webhook/alertmanager`, {
        ...notification,
        alerts: [{ ...alert, startsAt: new Date().toISOString() }],
      })
      await until(
        'rounds',
        async () => (await federation.status()).runs[0]?.rounds.committed === ROUNDS,
        120_000,
      )
      await until('weights', async () => (await shop.adf.metric('adf_fl_held_out_loss')) > 0, 120_000)
      await until(
        'the tuner',
        async () => {
          const [looked] = await prometheus.query('adf_tuner_entities > 0')
          return looked !== undefined
        },
        120_000,
      )
      // Rates need two scrapes of the last change.
      const scrapes = async () =>
        Number((await prometheus.query('sum(count_over_time(up{job="adf"}[5m]))'))[0]?.value[1])
      const before = await scrapes()
      await until('more scrapes', async () => (await scrapes()) >= before + 3)
    })

    test.each(readDashboards())('$file: every query has data', { timeout: SLOW_MS }, async (dashboard) => {
      // What was answered a moment ago is in Prometheus with the next scrape.
      await until(
        'an answer to each query',
        async () => {
          const sources = { prometheus, api: shop.adf.api }
          const asked = await runDashboard(dashboard, sources, { incident })
          expect(asked.length).toBeGreaterThan(3)
          const empty = asked.filter(({ found }) => found === 0).map(({ query }) => query)
          expect(empty).toEqual([])
          return true
        },
        20_000,
      ).catch((error: Error) => {
        throw error.cause ?? error
      })
    })

    const graph = () => shop.adf.json<Graph>('/api/graph')
    const anomalies = async (stream: string) =>
      (await shop.adf.json<AnomalyPage>(`/api/anomalies?stream=${stream}`)).items

    /** Machines whose vectors are enough to train on. */
    async function feedMachines(): Promise<void> {
      const rngs = Array.from({ length: MACHINES }, (_, machine) => seeded(machine))
      const begin = Date.now() - 2_000_000
      const events = (from: number, to: number) =>
        rngs.flatMap((rng, machine) =>
          Array.from({ length: to - from }, (_, i) => {
            const [x, y] = [normal(rng), normal(rng)]
            const values = [x, y, x + y, x - y].map((value) => 50 + 5 * value + 0.1 * normal(rng))
            return {
              id: `m${machine}`,
              timestamp: begin + 1000 * (from + i),
              ...Object.fromEntries(FEATURES.map((feature, at) => [feature, values[at]])),
            }
          }),
        )
      const send = (from: number, to: number) => post(`${shop.adf.api}/api/events/machines`, events(from, to))
      const warm = async () => {
        const { items } = await shop.adf.json<EntityPage>('/api/entities?stream=machines')
        const scored = items.flatMap(({ streams }) => streams.filter(({ state }) => state === 'scored'))
        return scored.length === MACHINES
      }
      let at = 0
      for (; !(await warm()); at++) await send(at, at + 1)
      for (const end = at + VECTORS; at < end; at += 100) await send(at, at + 100)
    }

    /** One request of a service of this version. */
    const deploy = (version: string) => {
      const end = BigInt(Date.now()) * 1_000_000n
      const attributes = { 'service.name': 'biller', 'service.version': version }
      const span = {
        traceId: version.replaceAll('.', '').padStart(32, 'a'),
        spanId: version.replaceAll('.', '').padStart(16, 'b'),
        name: 'POST /bill',
        kind: 2,
        startTimeUnixNano: `${end - 5_000_000n}`,
        endTimeUnixNano: `${end}`,
      }
      return post(`${otlp()}/v1/traces`, {
        resourceSpans: [
          {
            resource: {
              attributes: Object.entries(attributes).map(([key, stringValue]) => ({
                key,
                value: { stringValue },
              })),
            },
            scopeSpans: [{ scope: { name: 'test' }, spans: [span] }],
          },
        ],
      })
    }
  },
)
