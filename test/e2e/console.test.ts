import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Graph, Incident, ThresholdPage } from '@adf/contract'
import { AuditPage, UpdatePage } from '@adf/contract/federation'
import { createConsole } from '@adf/grafana-app'
import { createLogger } from '@adf/service'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { axeObjections, openPage, startChromium } from '../harness/chromium.ts'
import { FEDERATED, trainWithTwoBadUpdates } from '../harness/federation-sites.ts'
import { heading, type ReviewedPage, reviewPages } from '../harness/page-review.ts'
import { until } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { needs } from '../harness/servers.ts'
import { breakPayment, startWarmShop } from '../harness/warm-shop.ts'

/** What a page has of an element. */
interface Shown {
  readonly ownerDocument: {
    readonly defaultView: { getComputedStyle(of: Shown): { readonly opacity: string } } | null
  }
}

/** Kept after the run, to be looked at. */
const pictures = join(import.meta.dirname, '../out/console')
const SLOW = { timeout: 300_000 }

describeWith(needs('chromium'), 'the console, in Chromium, with a running processor', () => {
  let shop: Awaited<ReturnType<typeof startWarmShop>>
  let browser: Browser
  let incident: Incident
  let base: string

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true })
    shop = await startWarmShop(
      { incident: { resolve_after: '1h' }, graph: { snapshot_interval: '1s' } },
      { console: true, webhook: true, federated: FEDERATED },
    )
    base = shop.adf.console ?? ''
    incident = await breakPayment(shop.adf, shop.traffic)
    await until('a cause that stands out', async () => {
      const [first] = (await read()).causes
      return first?.service === 'payment' && first.probability >= 0.5
    })
    browser = await startChromium()
  }, 300_000)
  afterAll(async () => {
    await browser?.close()
    await shop?.stop()
  })
  const read = () => shop.adf.json<Incident>(`/api/incidents/${incident.id}`)
  const app = (path = '') => `${base}/a/adf-app${path}`

  test('the link of an alert leads to the incident; one click says that it was useful', SLOW, async () => {
    const watched = await openPage(browser)
    const { page, faults } = watched
    await page.goto(`${base}/incidents/${incident.id}`)
    await heading(watched, `Incident ${incident.id.slice(-4)}`)
    const statement = await page.getByText('is the probable cause').first().innerText()
    expect(statement).toMatch(/^payment is the probable cause \(.+, \d+ %\): .+, since \d\d:\d\d:\d\d\.$/)
    expect(
      await page.getByRole('region', { name: 'Probable causes' }).getByRole('listitem').first().innerText(),
    ).toContain('payment')
    await page.screenshot({ path: join(pictures, 'incident-first.png'), fullPage: true })
    await page.getByRole('button', { name: 'Useful' }).click()
    await page.getByRole('status').filter({ hasText: 'it counts as useful' }).waitFor()
    expect((await read()).verdict).toBe('true_positive')
    await page.getByRole('button', { name: 'Noise' }).click()
    await page.getByRole('status').filter({ hasText: 'it counts as noise' }).waitFor()
    expect((await read()).verdict).toBe('false_positive')
    await page.getByRole('button', { name: 'Take it back' }).click()
    await page.getByText('Was this worth an alert?').waitFor()
    expect((await read()).verdict).toBeNull()
    expect(faults).toEqual([])
    await page.close()
  })

  test('what ADF says by WebSocket is on the page before the next look', SLOW, async () => {
    const watched = await openPage(browser)
    const { page } = watched
    const opened = page.waitForEvent('websocket', (socket) => socket.url().endsWith('/ws/alerts'))
    await page.goto(app('/incidents'))
    const socket = await opened
    await socket.waitForEvent('framereceived')
    await page.waitForResponse((response) => response.url().includes('/api/incidents'))
    await page.close()
  })

  test('the overview says what is wrong and leads there', SLOW, async () => {
    const watched = await openPage(browser)
    const { page, faults } = watched
    await page.goto(base)
    await heading(watched, 'Overview')
    await page.getByText(/^\d open incidents?; 4 of 4 services and hosts are watched; /).waitFor()
    // On a busy machine the load falters, and then another service may be the first cause by now.
    const tile = page.getByRole('region', { name: 'Services' }).getByRole('listitem').first()
    await until('the tile of the cause', async () => {
      const [first] = (await read()).causes
      return (await tile.innerText()).replace(/\s+/g, ' ').startsWith(`${first?.service} probable cause`)
    })
    const [link] = await page.getByRole('region', { name: 'Open incidents' }).getByRole('link').all()
    await link?.click()
    await heading(watched, /^Incident/)
    expect(faults).toEqual([])
    await page.close()
  })

  test(
    'the graph focuses on a service, keeps still when it is refreshed, and has the same as a table',
    SLOW,
    async () => {
      const watched = await openPage(browser)
      const { page, faults } = watched
      await page.goto(app('/graph'))
      const graph = await shop.adf.json<Graph>('/api/graph')
      const nodes = page.getByTestId('graph').locator('.react-flow__node')
      await until('all nodes', async () => (await nodes.count()) === graph.nodes.length)
      const places = () =>
        nodes.evaluateAll((all: readonly { getAttribute(name: string): string | null }[]) =>
          all.map((one) => one.getAttribute('style')?.match(/left: [^;]*; top: [^;]*/)?.[0]),
        )
      const before = await places()
      expect(before).not.toContain(undefined)
      await page.waitForResponse((response) => response.url().endsWith('/api/graph'))
      await page.waitForResponse((response) => response.url().endsWith('/api/graph'))
      expect(await places()).toEqual(before)

      await page.getByRole('button', { name: /^payment service, / }).click()
      await page.waitForURL(/focus=payment/)
      const details = page.getByRole('region', { name: 'payment' })
      expect(await details.innerText()).toMatch(/Called by\s+orders/)
      const opacity = (name: RegExp) =>
        page
          .getByRole('button', { name })
          .evaluate((one: Shown) => one.ownerDocument.defaultView?.getComputedStyle(one).opacity)
      expect(await opacity(/^catalog /)).toBe('0.25')
      expect(await opacity(/^shop /)).toBe('1')

      await page.getByRole('radio', { name: 'Table' }).click()
      await page.waitForURL(/view=table/)
      const rows = page.getByRole('region', { name: 'Services and what they call' }).getByRole('row')
      expect(await rows.count()).toBe(1 + graph.nodes.length)
      expect(faults).toEqual([])
      await page.close()
    },
  )

  test('the graph goes back in time', SLOW, async () => {
    const watched = await openPage(browser)
    const { page } = watched
    const at = new Date(Date.parse(incident.started_at) + 1000).toISOString()
    await page.goto(app(`/graph?at=${at}`))
    await page.getByText(/^as it was at/).waitFor()
    await page.getByRole('button', { name: /^payment service/ }).waitFor()
    await page.getByRole('button', { name: 'Back to now' }).click()
    await until('the address of now', () => !page.url().includes('at='))
    await page.goto(app('/graph?at=2020-01-01T00:00:00Z'))
    await page.getByText('ADF does not have this').waitFor()
    await page.close()
  })

  test('a threshold is tried, set and taken back; the tuner can be frozen', SLOW, async () => {
    const watched = await openPage(browser)
    const { page, faults } = watched
    const held = async () =>
      (await shop.adf.json<ThresholdPage>('/api/thresholds?stream=service&entity=catalog')).items
    await page.goto(app('/thresholds'))
    await page.getByText(/^The tuner works \(q-learning\)/).waitFor()
    await page.getByRole('link', { name: 'catalog', exact: true }).click()
    await heading(watched, 'Threshold of catalog')
    await page.getByText('It is at 0.70, as at first').waitFor()
    await page.getByLabel('Try another threshold').fill('1.4')
    await page.getByText(/reached 1\.40 \d+×, and 0\.70 \d+×\./).waitFor()
    await page.getByLabel('Why').fill('its nightly import')
    await page.getByRole('button', { name: 'Set to 1.40' }).click()
    await page.getByText('Done: 1.40 holds').waitFor()
    expect(await held()).toMatchObject([
      { value: 1.4, source: 'operator', reason: 'its nightly import', updated_by: null },
    ])
    await page.getByText('from the initial threshold to 1.40 (operator): its nightly import').waitFor()
    await page.getByRole('button', { name: /^Back to before version/ }).click()
    await page.getByText('Taken back.').waitFor()
    expect(await held()).toEqual([])
    await page.getByText('It is at 0.70, as at first').waitFor()

    await page.getByRole('button', { name: 'Freeze the tuner' }).click()
    await page.getByText(/^The tuner is frozen/).waitFor()
    await page.getByRole('button', { name: 'Let the tuner go on' }).click()
    await page.getByText(/^The tuner works/).waitFor()
    expect(faults).toEqual([])
    await page.close()
  })

  test('an anomaly is deleted once that is confirmed', SLOW, async () => {
    const entity = 'payment'
    const watched = await openPage(browser)
    const { page, faults } = watched
    await page.goto(app(`/anomalies?entity=${entity}&stream=service`))
    await page
      .getByRole('img', { name: /^Severity over time; it reached the threshold 0\.70 at [1-9]/ })
      .waitFor()
    const remove = page.getByRole('button', { name: 'Delete the anomaly of payment at' })
    await remove.first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('It cannot be brought back.').waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await page.goto(app(`/entities/${entity}`))
    // A value beside its normal range.
    await page.getByRole('row', { name: /^error_rate [\d.]+.* [\d.]+ – [\d.]+/ }).waitFor()
    await page.getByRole('row', { name: /^robust/ }).waitFor()
    await remove.last().click()
    const deleted = page.waitForResponse((response) => response.request().method() === 'DELETE')
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
    const answer = await deleted
    expect(answer.status()).toBe(204)
    await dialog.waitFor({ state: 'detached' })
    const id = answer.url().split('/').at(-1)
    expect((await shop.adf.get(`/api/anomalies/${id}`)).status).toBe(404)
    expect(faults).toEqual([])
    await page.close()
  })

  test('the objectives say what is left, and what burns', SLOW, async () => {
    const watched = await openPage(browser)
    const { page, faults } = watched
    await page.goto(app('/objectives'))
    await page.getByText(/^\d of 4 objectives burn too fast; /).waitFor()
    const first = page.getByRole('region', { name: 'payment: requests succeed' })
    await first.getByText(/of the budget of 30d is left|is overdrawn/).waitFor()
    expect(await first.getByRole('row', { name: /^bad requests/ }).innerText()).toMatch(/[1-9]\d* of \d+/)
    expect(faults).toEqual([])
    await page.close()
  })

  test(
    'of two updates that are held back one is released and one rejected, each with its reason',
    SLOW,
    async () => {
      const server = shop.adf.federation ?? ''
      const watched = await openPage(browser)
      const { page, faults } = watched
      await page.goto(app('/federation'))
      await page.getByText('No client has enrolled.').waitFor()
      await page.getByText('Nothing: no update looked poisoned').waitFor()
      const bad = await trainWithTwoBadUpdates(server)
      const held = page.getByRole('region', { name: 'Held back for a review' })
      await page.getByText('2 updates are held back and wait for a review').waitFor()
      await page.getByText(/5 of 5 clients asked for work lately/).waitFor()
      await page.getByRole('img', { name: 'Bytes each way' }).locator('canvas').waitFor()
      await page.getByRole('row', { name: /^oslo .*1 held back/ }).waitFor()
      await page.screenshot({ path: join(pictures, 'federation-held.png'), fullPage: true })

      const review = async (client: string, how: 'Release' | 'Reject', label: string, reason: string) => {
        const row = held.getByRole('listitem').filter({ hasText: `${client}, round` })
        await row.getByRole('button', { name: `${how} …` }).click()
        const send = row.getByRole('button', { name: `${how} this update` })
        expect(await send.isDisabled()).toBe(true)
        await row.getByLabel(label).fill(reason)
        await send.click()
        await held
          .getByRole('status')
          .filter({ hasText: `${how}${how === 'Reject' ? 'ed' : 'd'}: the update of ${client}` })
          .waitFor()
      }
      await review('oslo', 'Release', 'Why it may count', 'a drill of ours')
      await review('bergen', 'Reject', 'Why it must not count', 'its sensor is broken')
      await held.getByText('Nothing: no update looked poisoned').waitFor()
      const { items } = UpdatePage.parse(await (await fetch(`${server}/api/updates?limit=500`)).json())
      const reviewed = items.flatMap(({ client_id, state, note, reviewer }) =>
        note === null ? [] : [{ client_id, state, note, reviewer }],
      )
      expect(reviewed).toEqual([
        { client_id: bad[1], state: 'rejected', note: 'its sensor is broken', reviewer: 'console' },
        { client_id: bad[0], state: 'released', note: 'a drill of ours', reviewer: 'console' },
      ])
      const audit = AuditPage.parse(await (await fetch(`${server}/api/audit?limit=2`)).json())
      expect(audit.items.map(({ action }) => action)).toEqual(['update.rejected', 'update.released'])
      await page
        .getByRole('region', { name: 'Audit log' })
        .getByRole('row', { name: /update\.rejected/ })
        .first()
        .waitFor()
      await page.getByRole('button', { name: 'Verify it again' }).click()
      await page.getByText(/^Whole when it was verified at .+: \d\d lines/).waitFor()
      expect(faults).toEqual([])
      await page.close()
    },
  )

  test('who may only look sees buttons disabled, and why', SLOW, async () => {
    const pages = createConsole({
      port: 0,
      apiUrl: shop.adf.api,
      role: 'Viewer',
      version: '0',
      log: createLogger({ name: 'test', level: 'silent' }),
    })
    await pages.start()
    const watched = await openPage(browser)
    const { page, faults } = watched
    await page.goto(`${pages.url}/a/adf-app/incidents/${incident.id}`)
    const refused = page.getByText(
      'it needs the permission adf-app.feedback:write, which editors, admins have',
    )
    await refused.waitFor()
    const useful = page.getByRole('button', { name: 'Useful' })
    expect(await useful.getAttribute('aria-disabled')).toBe('true')
    await useful.click({ force: true })
    expect((await read()).verdict).toBeNull()
    await page.goto(`${pages.url}/a/adf-app/federation`)
    await page.getByText('No federation server is connected').waitFor()
    expect(faults).toEqual([])
    await page.close()
    await pages.stop()
  })

  const panel = (id: string, targets: readonly object[], options: object = {}) =>
    `${base}/panels/${id}?${new URLSearchParams({
      targets: JSON.stringify(targets),
      options: JSON.stringify(options),
      from: new Date(Date.parse(incident.started_at) - 60_000).toISOString(),
    })}`

  test('the panels of dashboards draw what the data source answers', SLOW, async () => {
    const watched = await openPage(browser)
    const { page, faults } = watched
    const proxied: string[] = []
    page.on('request', (request) => proxied.push(new URL(request.url()).pathname))
    const review = async (name: string) => {
      await page.screenshot({ path: join(pictures, `panel-${name}.png`) })
      const found = await axeObjections(page)
      expect(found.map((one) => `${name}: ${one}`)).toEqual([])
    }

    await page.goto(
      panel('adf-graph-panel', [{ kind: 'graph' }, { kind: 'incidents', state: 'open' }], {
        focus: 'payment',
      }),
    )
    await page.getByRole('button', { name: /^payment service, / }).waitFor()
    expect(proxied).toContain('/api/datasources/proxy/uid/adf/api/graph')
    await review('graph')
    await page.goto(panel('adf-graph-panel', [{ kind: 'graph' }], { view: 'table' }))
    await page.getByRole('row', { name: /^payment/ }).waitFor()

    await page.goto(panel('adf-causes-panel', [{ kind: 'causes', incident: incident.id }], { most: 1 }))
    const causes = page.getByRole('region', { name: 'Probable causes' }).locator('ol > li')
    await causes.first().waitFor()
    expect(await causes.count()).toBe(1)
    await review('causes')

    await page.goto(panel('adf-timeline-panel', [{ kind: 'anomalies' }]))
    await page.getByText(/^[1-9]\d* anomalies of [1-9]\d* entities/).waitFor()
    await review('timeline')
    await page.goto(panel('adf-timeline-panel', [{ kind: 'timeline', incident: incident.id }]))
    await page.getByText(/^All \d+ entries as a list/).waitFor()

    await page.goto(panel('adf-threshold-panel', [], { stream: 'service', entity: 'catalog' }))
    await page.getByText('It is at 0.70, as at first').waitFor()
    await page.getByRole('button', { name: /^Set to / }).waitFor()
    await review('threshold')

    await page.goto(panel('adf-causes-panel', [{ kind: 'anomalies' }]))
    await page.getByText('ask the data source ADF for “Root causes”').waitFor()
    await page.goto(panel('adf-causes-panel', [{ kind: 'causes', incident: 'none' }]))
    await page.getByRole('alert').filter({ hasText: 'none' }).waitFor()
    expect(faults).toEqual([])
    await page.close()
  })

  test('the data source has editors for its questions and its settings', SLOW, async () => {
    const watched = await openPage(browser)
    const { page, faults } = watched
    const query = JSON.stringify({ kind: 'anomalies' })
    await page.goto(`${base}/explore?${new URLSearchParams({ query })}`)
    const rows = page.getByRole('region', { name: 'anomalies' }).locator('tbody tr')
    await rows.first().waitFor()
    await page.getByLabel('Entity').fill('nobody')
    await page.getByLabel('Entity').press('Enter')
    await until('no row', async () => (await rows.count()) === 0)
    await page.getByLabel('Entity').fill('payment')
    await page.getByLabel('Entity').press('Enter')
    await rows.first().waitFor()
    await page.screenshot({ path: join(pictures, 'source-explore.png') })
    expect(await axeObjections(page)).toEqual([])
    await page.getByLabel('What').click()
    await page.getByRole('option', { name: /^Scores/ }).click()
    await page.getByRole('alert').filter({ hasText: 'give its stream and its id' }).waitFor()

    await page.goto(`${base}/connections/datasources/edit/adf`)
    await page.getByLabel('Address of the processor').fill('http://adf:8080/')
    expect(await page.getByLabel('Address of the processor').inputValue()).toBe('http://adf:8080')
    await page.getByLabel('Token').fill('secret')
    await page.getByRole('button', { name: 'Test' }).click()
    await page.getByText(/^success: ADF .+ answers: \d of \d entities are scored/).waitFor()
    await page.screenshot({ path: join(pictures, 'source-settings.png') })
    expect(await axeObjections(page)).toEqual([])
    expect(faults).toEqual([])
    await page.close()
  })

  test('names from telemetry are shown as they are, and are never run', SLOW, async () => {
    const names = ['<img src=x onerror=window.hacked=1>', `long${'g'.repeat(296)}`, 'שירות-תשלום']
    await send(shop.adf.httpPort, names)
    await until('the new services', async () => {
      const { nodes } = await shop.adf.json<Graph>('/api/graph')
      return names.every((name) => nodes.some(({ id }) => id === name))
    })
    const watched = await openPage(browser)
    const { page, faults } = watched
    for (const path of [
      '/graph',
      '/graph?view=table',
      '',
      '/entities',
      `/graph?focus=${encodeURIComponent(names[0] ?? '')}`,
    ]) {
      await page.goto(app(path))
      await heading(watched, /./)
      await page.getByText('window.hacked').first().waitFor({ state: 'attached' })
    }
    expect(await page.evaluate('window.hacked')).toBeUndefined()
    expect(faults).toEqual([])
    await page.close()
  })

  const pages = (): ReviewedPage[] => [
    { name: 'overview', path: '', title: 'Overview' },
    { name: 'incident', path: `/incidents/${incident.id}`, title: /^Incident / },
    { name: 'incident-anomalies', path: `/incidents/${incident.id}?tab=anomalies`, title: /^Incident / },
    { name: 'incidents', path: '/incidents', title: 'Incidents' },
    { name: 'graph', path: '/graph?focus=payment', title: 'Causal graph' },
    { name: 'graph-table', path: '/graph?view=table', title: 'Causal graph' },
    { name: 'anomalies', path: '/anomalies', title: 'Anomalies' },
    { name: 'entities', path: '/entities', title: 'Entities' },
    { name: 'entity', path: '/entities/payment', title: 'payment' },
    { name: 'unknown-incident', path: '/incidents/none', title: /^Incident/ },
    { name: 'thresholds', path: '/thresholds', title: 'Thresholds' },
    { name: 'threshold', path: '/thresholds?stream=service&entity=payment', title: 'Threshold of payment' },
    { name: 'objectives', path: '/objectives', title: 'Objectives' },
    { name: 'federation', path: '/federation', title: 'Federation' },
    {
      name: 'settings',
      path: '/../../plugins/adf-app',
      title: 'Settings',
      first: async (page) => {
        await page.getByRole('button', { name: 'Test the saved connection' }).click()
        await page.getByText(/^ADF .+ answers$/).waitFor()
        await page.getByText(/^The Alertmanager webhook .+ answers$/).waitFor()
        await page.getByText(/^The federation server .+ answers$/).waitFor()
      },
    },
  ]

  test('axe objects to nothing on any page', SLOW, async () => {
    const wrong = await reviewPages(browser, pages(), { app: app(), pictures, colorScheme: 'dark' })
    expect(wrong).toEqual([])
  })

  test('nor in the light colours; on a phone nothing is wider than the screen', SLOW, async () => {
    const tooWide: string[] = []
    const wrong = await reviewPages(browser, pages(), {
      app: app(),
      pictures,
      colorScheme: 'light',
      // The other colours change nothing but contrast.
      rules: ['color-contrast'],
      also: async (name, { page }) => {
        const before = page.viewportSize()
        await page.setViewportSize({ width: 390, height: 844 })
        if (name === 'incident')
          await page.screenshot({ path: join(pictures, 'incident-phone.png'), fullPage: true })
        const width = await page.evaluate('document.documentElement.scrollWidth')
        if (Number(width) > 390) tooWide.push(name)
        if (before !== null) await page.setViewportSize(before)
      },
    })
    expect(wrong).toEqual([])
    expect(tooWide).toEqual([])
  })

  test('when ADF is away it is said, and a typed note is kept until it is taken', SLOW, async () => {
    const watched = await openPage(browser)
    const { page } = watched
    await page.goto(app(`/incidents/${incident.id}`))
    await page.getByRole('button', { name: 'The cause was …' }).click()
    await page.getByLabel('Service that was the cause').fill('payment')
    await page.getByLabel('Note (optional)').fill('card provider was down')
    await shop.traffic.stop()
    await shop.adf.kill()
    await page.getByRole('button', { name: 'Send as useful' }).click()
    await page.getByText('What you typed is kept').waitFor()
    await page.getByText('The ADF processor does not answer').first().waitFor()
    expect(await page.getByLabel('Note (optional)').inputValue()).toBe('card provider was down')
    await page.screenshot({ path: join(pictures, 'incident-away-dark.png'), fullPage: true })
    const again = await shop.adf.restart()
    await until('the console', async () => (await fetch(`${base}/health`)).ok)
    await page.getByRole('button', { name: 'Send as useful' }).click()
    await page.getByRole('status').filter({ hasText: 'it counts as useful' }).waitFor()
    const { verdicts } = await again.json<{ verdicts: { note: string; cause: string }[] }>(
      `/api/incidents/${incident.id}/export`,
    )
    expect(verdicts.at(-1)).toMatchObject({ note: 'card provider was down', cause: 'payment' })
    await page.close()
    await again.stop()
  })
})

/** One SERVER span of each service. */
async function send(port: number, names: readonly string[]): Promise<void> {
  const now = BigInt(Date.now()) * 1_000_000n
  const body = {
    resourceSpans: names.map((name, index) => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: name } }] },
      scopeSpans: [
        {
          scope: { name: 'test' },
          spans: [
            {
              traceId: `${index + 1}`.padStart(32, '0'),
              spanId: `${index + 1}`.padStart(16, '0'),
              name: 'GET /',
              kind: 2,
              startTimeUnixNano: `${now - 5_000_000n}`,
              endTimeUnixNano: `${now}`,
              attributes: [],
              status: {},
            },
          ],
        },
      ],
    })),
  }
  const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(response.status).toBe(200)
}
