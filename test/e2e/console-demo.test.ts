import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Incident } from '@adf/contract'
import type { FeedbackStatus, TunerStepPage } from '@adf/contract/feedback'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { axeObjections, openPage, startChromium, type Watched } from '../harness/chromium.ts'
import { freePort, type Running, runAdf, until } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { findServer, needs } from '../harness/servers.ts'

/** Kept after the run, to be looked at. */
const pictures = join(import.meta.dirname, '../out/demo')
/** Twice what it takes on two busy cores: the shop alone is twelve processes. */
const LIMIT_MS = 480_000

// One story, told in order: as someone lives it who starts `adf demo` and nothing else.
describeWith(needs('chromium'), 'from an alert of the demo to a step of the tuner, in Chromium', () => {
  let demo: Running
  let browser: Browser
  let base: string
  let link: string
  let incident: Incident
  let watched: Watched

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true })
    demo = runAdf([
      'demo',
      ...['--seed', '3', '--fault', 'error', '--service', 'payment'],
      ...['--console', String(await freePort())],
    ])
    browser = await startChromium()
    watched = await openPage(browser)
  }, LIMIT_MS)
  afterAll(async () => {
    await browser?.close()
    await demo?.stop('SIGINT')
  }, LIMIT_MS)

  /** What the demo printed, once it has. */
  const told = (what: RegExp) =>
    until(
      `${what}`,
      () => {
        if (demo.child.exitCode !== null) throw new Error(`the demo ended:\n${demo.output()}`)
        return what.exec(demo.output())?.[1]
      },
      LIMIT_MS,
    )
  /** As the pages ask. */
  const asked = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${base}/api/plugin-proxy/adf-app/${path}`)
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }
  const picture = (name: string) =>
    watched.page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })

  test('the demo finds its fault, and its alert has a link to the pages', { timeout: LIMIT_MS }, async () => {
    base = await told(/Pages to look at: (\S+)/)
    await told(/(Incident opened)/)
    const { items } = await asked<{ items: Incident[] }>('api/incidents?service=shop/payment&limit=1')
    const [found] = items
    if (found === undefined) throw new Error(`no incident of payment:\n${demo.output()}`)
    incident = found
    link = `${base}/a/adf-app/incidents/${incident.id}`
    if (findServer('alertmanager') === undefined) return
    const alertmanager = await told(/Alerts go to the Alertmanager at (\S+)/)
    const alert = await until('the alert', async () => {
      const alerts = (await (await fetch(`${alertmanager}/api/v2/alerts`)).json()) as {
        labels: Record<string, string>
        annotations: Record<string, string>
      }[]
      return alerts.find(({ labels }) => labels['incident'] === incident.id)
    })
    expect(alert.annotations['incident_url']).toBe(link)
    await until(
      'the notification at the webhook',
      async () => (await asked<FeedbackStatus>('webhook/api/status')).notifications > 0,
      LIMIT_MS,
    )
  })

  test('the link leads to the cause and what speaks for it', { timeout: LIMIT_MS }, async () => {
    const { page } = watched
    await page.goto(link)
    await until(
      'payment as the cause',
      async () => (await page.getByText(/^payment is the probable cause/).count()) > 0,
      LIMIT_MS,
    )
    const causes = page.getByRole('region', { name: 'Probable causes' })
    expect(await causes.getByRole('listitem').first().innerText()).toContain('payment')
    await page.getByRole('region', { name: 'From symptom to cause' }).waitFor()
    await picture('incident')
    expect(await axeObjections(page)).toEqual([])
  })

  test('the incident goes by on the graph', { timeout: LIMIT_MS }, async () => {
    const { page } = watched
    await page.getByRole('link', { name: 'whole graph' }).click()
    await page
      .getByRole('button', { name: /^payment (service, |probable cause|.*cause)/ })
      .first()
      .waitFor()
    await picture('graph')
    await page.getByRole('button', { name: 'Play the incident' }).click()
    await page.getByText(/^as it was at/).waitFor()
    await page.getByRole('button', { name: 'Back to now' }).click()
    await until('now', () => !page.url().includes('at='))
  })

  test('a verdict becomes a step of the tuner, with its reason', { timeout: LIMIT_MS }, async () => {
    const { page, faults } = watched
    await page.goto(link)
    await page.getByRole('button', { name: 'Noise' }).click()
    await page.getByRole('status').filter({ hasText: 'it counts as noise' }).waitFor()
    await page.getByRole('link', { name: 'What the tuner makes of it' }).click()
    await page.getByText(/verdicts that it knows: [1-9]/).waitFor()
    const step = await until(
      'a step',
      async () => (await asked<TunerStepPage>('webhook/api/tuner/steps?limit=1')).items[0],
      LIMIT_MS,
    )
    const steps = page.getByRole('region', { name: 'What the tuner did' })
    await steps.getByText(step.text).first().waitFor()
    await picture('thresholds')
    expect(await axeObjections(page)).toEqual([])
    expect(faults).toEqual([])
  })
})
