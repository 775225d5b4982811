import { mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import {
  type AnomalyPage,
  CauseKind,
  type EntityPage,
  type Incident,
  type ThresholdHistory,
  type VerdictLog,
} from '@adf/contract'
import type { FederationStatus } from '@adf/contract/federation'
import type { FeedbackStatus, TunerStepPage } from '@adf/contract/feedback'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { axeObjections, openPage, startChromium, type Watched } from '../harness/chromium.ts'
import { readDashboards, runDashboard } from '../harness/dashboards.ts'
import { DEMO_LIMIT_MS, type RunningDemo, startDemo } from '../harness/demo.ts'
import { raiseFalseAlarm } from '../harness/false-alarm.ts'
import { startHostBeat } from '../harness/host-metrics.ts'
import { type ReviewedPage, reviewPages } from '../harness/page-review.ts'
import { freePort, type Running, run, runAdf } from '../harness/process.ts'
import { startPrometheus } from '../harness/prometheus.ts'
import { describeWith } from '../harness/requirement.ts'
import { findServer, needs } from '../harness/servers.ts'

const Trial = z.object({
  service: z.string(),
  fault: z.string(),
  top: z.array(z.string()),
  kind: CauseKind,
  probability: z.number(),
  detected_after_s: z.number(),
  alerted_after_s: z.number().nullable(),
})

/** Kept after the run, to be looked at. */
const pictures = join(import.meta.dirname, '../out/demo')
const SLOW = { timeout: DEMO_LIMIT_MS }
// A service that was started anew takes more of the CPU for a while, which is an anomaly of its own: that comes last.
const FAULTS = ['error:payment', 'crash:shipping']
const CAUSE = 'shop/payment'
/** After which the dashboards have data. */
const THREE_MINUTES_MS = 180_000
/** Within which what was answered is in Prometheus, many times over. */
const SCRAPED_MS = 30_000

/** Of the stream that the sites of the demo's federation share. */
const SERVER = 'web-1'
/** Rounds of the federation in three minutes, at least, on a machine that is busy with the shop. */
const ROUNDS = 2

// One run for all that follows, told in order: to learn what is normal takes most of the time.
describe('adf demo', () => {
  let demo: RunningDemo
  /** Where the federation server is. */
  let federation: string
  let stopBeat: (() => Promise<void>) | undefined
  let prometheus: Awaited<ReturnType<typeof startPrometheus>> | undefined
  let exporter: Running | undefined
  let incident: Incident

  beforeAll(async () => {
    demo = await startDemo(['--json', '--seed', '3', '--federation', '--faults', FAULTS.join(',')])
    federation = await demo.told(/Federation server: (\S+)\/docs/)
    if (needs('prometheus', 'nodeExporter') !== undefined) return
    const node = `127.0.0.1:${await freePort()}`
    exporter = run(findServer('nodeExporter') ?? '', [`--web.listen-address=${node}`])
    prometheus = await startPrometheus({
      targets: {
        'adf-processor': new URL(demo.api).host,
        'adf-webhook': new URL(demo.webhook).host,
        'adf-federation': new URL(federation).host,
        node,
      },
    })
  }, DEMO_LIMIT_MS)
  afterAll(async () => {
    await stopBeat?.().catch(() => {})
    await demo?.running.stop('SIGINT')
    await prometheus?.stop()
    await exporter?.stop()
  }, DEMO_LIMIT_MS)

  test('faults in real services become incidents that name them, and alerts', SLOW, async () => {
    const trials = await demo.until('the trials', () => {
      const lines = demo.running
        .output()
        .split('\n')
        .filter((line) => line.startsWith('{"service"'))
      return lines.length === FAULTS.length && lines.map((line) => Trial.parse(JSON.parse(line)))
    })
    expect(trials.map(({ fault, service }) => `${fault}:${service}`)).toEqual(FAULTS)
    for (const trial of trials) {
      expect(trial.top[0], demo.running.output()).toBe(trial.service)
      if (findServer('alertmanager') !== undefined) expect(trial.alerted_after_s).not.toBeNull()
    }
    const { items } = await demo.asked<{ items: Incident[] }>(`api/incidents?service=${CAUSE}&limit=20`)
    // Not one of those that only suffer from the fault after it, nor what became part of another.
    const found = items.find(
      ({ causes: [first], merged_into }) =>
        first?.service === CAUSE && first.probability > 0.5 && merged_into === null,
    )
    if (found === undefined) throw new Error(`no incident of payment:\n${demo.running.output()}`)
    incident = found
  })

  // Every click as someone makes it whom the alert has woken.
  describeWith(needs('chromium'), 'from the link of the alert to a step of the tuner, in Chromium', () => {
    let browser: Browser
    let watched: Watched

    beforeAll(async () => {
      mkdirSync(pictures, { recursive: true })
      browser = await startChromium()
      watched = await openPage(browser)
    }, DEMO_LIMIT_MS)
    afterAll(async () => {
      await browser?.close()
    }, DEMO_LIMIT_MS)
    const app = () => `${demo.console}/a/adf-app`
    const picture = (name: string) =>
      watched.page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })

    test('the link of the alert leads to the cause and what speaks for it', SLOW, async () => {
      const { page } = watched
      let link = `${app()}/incidents/${incident.id}`
      if (findServer('alertmanager') !== undefined) {
        const alertmanager = await demo.told(/Alerts go to the Alertmanager at (\S+)/)
        const alerts = z.array(
          z.object({
            labels: z.record(z.string(), z.string()),
            annotations: z.record(z.string(), z.string()),
          }),
        )
        const of = async () => {
          const found = alerts.parse(await (await fetch(`${alertmanager}/api/v2/alerts`)).json())
          return found.find(({ labels }) => labels['incident'] === incident.id)?.annotations['incident_url']
        }
        // What is over goes from the Alertmanager after a while: it may be too late to see it there.
        const told = await of()
        if (told !== undefined) {
          expect(told).toBe(link)
          link = told
        }
        await demo.until(
          'the notification at the webhook',
          async () => (await demo.asked<FeedbackStatus>('webhook/api/status')).notifications > 0,
        )
      }
      await page.goto(link)
      await page.getByText(/^payment is the probable cause/).waitFor()
      const causes = page.getByRole('region', { name: 'Probable causes' })
      expect(await causes.getByRole('listitem').first().innerText()).toContain('payment')
      await page.getByRole('region', { name: 'From symptom to cause' }).waitFor()
      await picture('story-1-incident')
    })

    test('the incident goes by on the graph', SLOW, async () => {
      const { page } = watched
      await page.getByRole('link', { name: 'whole graph' }).click()
      await page
        .getByRole('button', { name: /^payment service, / })
        .first()
        .waitFor()
      await picture('story-2-graph')
      await page.getByRole('button', { name: 'Play the incident' }).click()
      await page.getByText(/^as it was at/).waitFor()
      await page.getByRole('button', { name: 'Back to now' }).click()
      await demo.until('now', () => !page.url().includes('at='))
    })

    test('a verdict with the cause reaches the tuner', SLOW, async () => {
      const { page } = watched
      await page.goto(`${app()}/incidents/${incident.id}`)
      await page.getByRole('button', { name: 'The cause was …' }).click()
      await page.getByLabel('Service that was the cause').fill(CAUSE)
      await page.getByRole('button', { name: 'Send as useful' }).click()
      await page.getByRole('status').filter({ hasText: 'it counts as useful' }).waitFor()
      await picture('story-3-verdict')
      await page.getByRole('link', { name: 'What the tuner makes of it' }).click()
      await page.getByText(/verdicts that it knows: [1-9]/).waitFor()
      const log = await demo.asked<VerdictLog>('api/verdicts')
      expect(log.items.map(({ verdict }) => verdict)).toMatchObject([
        { incident_id: incident.id, verdict: 'true_positive', cause: CAUSE },
      ])
    })

    test('noise is why a threshold moves one step, which says so', SLOW, async () => {
      const { page, faults } = watched
      const steps = async () =>
        (await demo.asked<TunerStepPage>('webhook/api/tuner/steps?stream=server_metrics')).items
      await demo.until('a score of the server', async () => {
        const { items } = await demo.asked<EntityPage>('api/entities?stream=server_metrics')
        const server = items.find(({ entity }) => entity.id === SERVER)
        return server?.streams.some(({ state }) => state === 'scored')
      })
      const alarm = await raiseFalseAlarm(demo.api, SERVER)
      // The tuner has looked at all that it knows, again and again: without a verdict nothing moves.
      expect(await steps()).toEqual([])
      await page.goto(`${app()}/incidents/${alarm.id}`)
      await page.getByRole('button', { name: 'Noise', exact: true }).click()
      await page.getByRole('status').filter({ hasText: 'it counts as noise' }).waitFor()
      const step = await demo.until('the step', async () =>
        (await steps()).find(({ outcome }) => outcome === 'applied'),
      )
      expect(step).toMatchObject({
        entity_id: SERVER,
        action: 'raise',
        explored: false,
        expected: { before: { noise: 1, useful: 0 }, after: { noise: 0 } },
        text: expect.stringMatching(/^Raised one step to [\d.]+: 1 of 1 verdicts were noise/),
      })
      const held = await demo.asked<ThresholdHistory>('api/thresholds/history?stream=server_metrics')
      expect(held.items).toMatchObject([
        { entity_id: SERVER, source: 'tuner', to: step.to, reason: step.text },
      ])
      await page.getByRole('link', { name: 'What the tuner makes of it' }).click()
      const shown = page.getByRole('region', { name: 'What the tuner did' })
      await shown.getByText(step.text).first().waitFor()
      await picture('story-4-tuner')
      expect(await axeObjections(page)).toEqual([])
      expect(faults).toEqual([])
    })

    test('axe objects to nothing on any page, dark or light', SLOW, async () => {
      const of = (path: string, title: string | RegExp, name: string): ReviewedPage => ({ name, path, title })
      const pages = [
        of('', 'Overview', 'overview'),
        of(`/incidents/${incident.id}`, /^Incident /, 'incident'),
        of(`/incidents/${incident.id}?tab=anomalies`, /^Incident /, 'incident-anomalies'),
        of('/incidents', 'Incidents', 'incidents'),
        of(`/graph?focus=${CAUSE}`, 'Causal graph', 'graph'),
        of('/graph?view=table', 'Causal graph', 'graph-table'),
        of(`/anomalies?entity=${CAUSE}/payment-1&stream=service`, 'Anomalies', 'anomalies'),
        of('/entities', 'Entities', 'entities'),
        of(`/entities/${encodeURIComponent(`${CAUSE}/payment-1`)}`, /payment/, 'entity'),
        of('/thresholds', 'Thresholds', 'thresholds'),
        of(`/thresholds?stream=service&entity=${CAUSE}/payment-1`, /^Threshold of /, 'threshold'),
        of('/objectives', 'Objectives', 'objectives'),
        of('/federation', 'Federation', 'federation'),
        of('/../../plugins/adf-app', 'Settings', 'settings'),
      ]
      const [dark, light] = await Promise.all([
        reviewPages(browser, pages, { app: app(), pictures, colorScheme: 'dark' }),
        // The other colours change nothing but contrast.
        reviewPages(browser, pages, {
          app: app(),
          pictures,
          colorScheme: 'light',
          rules: ['color-contrast'],
        }),
      ])
      expect(dark).toEqual([])
      expect(light).toEqual([])
    })
  })

  describeWith(
    needs('chromium', 'prometheus', 'nodeExporter'),
    'the dashboards after three minutes of it',
    () => {
      test('events of the example streams and metrics of this host are taken', SLOW, async () => {
        const otlp = await demo.told(/OTLP .* over HTTP at (\S+)/)
        stopBeat = startHostBeat({ otlp, api: demo.api }, hostname())
        const simulation = runAdf([
          ...['simulate', '--stream', 'transactions', '--url', demo.api],
          ...['--rate', '50', '--count', '250', '--seed', '7'],
        ])
        expect(await simulation.exited, simulation.output()).toBe(0)
        await demo.until('an anomaly of this host', async () => {
          const of = `stream=host&entity=${encodeURIComponent(hostname())}`
          return (await demo.asked<AnomalyPage>(`api/anomalies?${of}`)).items.length > 0
        })
        await demo.until('rounds of the federation', async () => {
          const { runs } = await demo.asked<FederationStatus>('federation/api/status')
          return (runs[0]?.rounds.committed ?? 0) >= ROUNDS
        })
        await demo.until(
          'three minutes',
          () => Date.now() - demo.startedAt > THREE_MINUTES_MS,
          THREE_MINUTES_MS,
        )
      })

      test.each(readDashboards())('$file: every panel has data', SLOW, async (dashboard) => {
        if (prometheus === undefined) throw new Error('there is no Prometheus')
        const sources = { prometheus, api: demo.api }
        // What was answered a moment ago is in Prometheus with the next scrape.
        const complete = async () => {
          const asked = await runDashboard(dashboard, sources, { incident: incident.id })
          const panels = new Set(
            asked.map(({ panel }) => panel).filter((one) => !one.startsWith('annotation ')),
          )
          const filled = new Set(asked.filter(({ found }) => found > 0).map(({ panel }) => panel))
          expect([...panels].filter((panel) => !filled.has(panel))).toEqual([])
          return true
        }
        await demo.until('data in each panel', complete, SCRAPED_MS).catch((error: Error) => {
          throw error.cause ?? error
        })
      })
    },
  )

  test('Ctrl-C ends all of it', SLOW, async () => {
    await stopBeat?.()
    stopBeat = undefined
    expect(await demo.running.stop('SIGINT')).toBe(130)
    await expect(fetch(demo.console)).rejects.toThrow()
    await expect(fetch(demo.api)).rejects.toThrow()
    await expect(fetch(federation)).rejects.toThrow()
  })
})

test('adf demo --list names the services that each fault fits', async () => {
  const demo = runAdf(['demo', '--list', '--json'])
  expect(await demo.exited).toBe(0)
  const list = z
    .object({
      services: z.array(z.string()),
      faults: z.array(z.object({ fault: z.string(), services: z.array(z.string()) })),
    })
    .parse(JSON.parse(demo.output()))
  expect(list.services.length).toBeGreaterThanOrEqual(8)
  expect(list.faults.map(({ fault }) => fault).sort()).toEqual([
    'cpu',
    'crash',
    'database',
    'error',
    'latency',
    'log-only',
    'network',
  ])
  for (const { services } of list.faults) {
    expect(services.length).toBeGreaterThanOrEqual(4)
    expect(list.services).toEqual(expect.arrayContaining(services))
  }
})
