import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Graph, IncidentPage } from '@adf/contract'
import goldenGraph from '@adf/contract/golden/graph.json' with { type: 'json' }
import goldenExport from '@adf/contract/golden/incident-export.json' with { type: 'json' }
import goldenIncidents from '@adf/contract/golden/incident-page.json' with { type: 'json' }
import goldenStatus from '@adf/contract/golden/status.json' with { type: 'json' }
import { createConsole } from '@adf/grafana-app'
import { createLogger } from '@adf/service'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { axeObjections, openPage, startChromium } from '../harness/chromium.ts'
import { GOLDEN_INCIDENT, problem, startGoldenApi } from '../harness/golden-api.ts'
import { until } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { needs } from '../harness/servers.ts'

/** Kept after the run, to be looked at. */
const pictures = join(import.meta.dirname, '../out/console')
const SLOW = { timeout: 300_000 }
const HOUR_MS = 3_600_000

// What a processor that is well never answers, and what no shop of ten services has.
describeWith(needs('chromium'), 'the console before bad and large answers, in Chromium', () => {
  let api: Awaited<ReturnType<typeof startGoldenApi>>
  let pages: ReturnType<typeof createConsole>
  let browser: Browser
  let page: Page
  let faults: readonly string[]

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true })
    api = await startGoldenApi()
    pages = createConsole({
      port: 0,
      apiUrl: api.url,
      webhookUrl: `${api.url}/webhook`,
      // Nobody listens there.
      federationUrl: 'http://127.0.0.1:9',
      version: '0',
      log: createLogger({ name: 'test', level: 'silent' }),
    })
    await pages.start()
    browser = await startChromium()
  }, 300_000)
  afterAll(async () => {
    await browser?.close()
    await pages?.stop()
    await api?.stop()
  }, 300_000)
  beforeEach(async () => {
    ;({ page, faults } = await openPage(browser))
  }, 300_000)
  afterEach(async () => {
    api.reset()
    // This API lets no WebSocket through: the pages ask instead.
    expect(faults.filter((fault) => !fault.includes('/ws/alerts'))).toEqual([])
    await page.close()
  }, 300_000)
  const app = (path = '') => `${pages.url}/a/adf-app${path}`
  const INCIDENT = `/incidents/${GOLDEN_INCIDENT}`
  const EXPORT = `GET /api/incidents/${GOLDEN_INCIDENT}/export`

  test('a slow processor: it is said that the answer is awaited, and then it is there', SLOW, async () => {
    let slow = true
    api.answer(EXPORT, () => ({ body: goldenExport, ...(slow && { delayMs: 3000 }) }))
    await page.goto(app(INCIDENT))
    await page.getByText('Asking ADF …').waitFor()
    slow = false
    await page.getByText('is the probable cause').first().waitFor()
  })

  test(
    'an older processor lacks a route and half of the fields: the rest of the page stands',
    SLOW,
    async () => {
      api.answer('GET /api/slo', () => ({ status: 404, body: problem(404, 'not_found', 'no such route') }))
      const [first] = goldenIncidents.items
      const half = Object.fromEntries(Object.entries(first ?? {}).filter((_, index) => index % 2 === 0))
      api.answer('GET /api/incidents', () => ({ body: { items: [half], next_cursor: null } }))
      await page.goto(app())
      await page.getByText('ADF answered something that this app cannot read').first().waitFor()
      await page.getByText('bring the older one up to date').first().waitFor()
      await page.getByText('ADF does not have this').first().waitFor()
      await page.getByRole('region', { name: 'Services' }).getByRole('listitem').first().waitFor()
      await page.getByText(/^1 open incident; 41 of 43 services and hosts are watched/).waitFor()
      await page.screenshot({ path: join(pictures, 'older-processor.png'), fullPage: true })
    },
  )

  test('while the incidents cannot be read, no service is said to be normal', SLOW, async () => {
    api.answer('GET /api/incidents', () => ({
      status: 500,
      body: problem(500, 'internal', 'disk I/O error'),
    }))
    await page.goto(app())
    await page.getByText('ADF could not do this').waitFor()
    const tiles = page.getByRole('region', { name: 'Services' }).getByRole('listitem')
    await tiles.first().waitFor()
    expect(new Set((await tiles.allInnerTexts()).map((text) => text.split('\n')[1]))).toEqual(
      new Set(['not known']),
    )
    for (const view of ['', 'table']) {
      await page.goto(app(`/graph?view=${view}`))
      await page.getByText('disk I/O error').waitFor()
      await page.getByText('not known').first().waitFor()
    }
    expect(await page.getByRole('cell', { name: 'normal' }).count()).toBe(0)
  })

  test('a newer processor says more than is known: what is known is shown', SLOW, async () => {
    const [first] = goldenIncidents.items
    api.answer('GET /api/incidents', () => ({
      body: { items: [{ ...first, colour: 'red' }], next_cursor: null, total: 1 },
    }))
    await page.goto(app('/incidents'))
    await page.getByRole('link', { name: first?.title ?? '' }).waitFor()
  })

  test('a token without the scope: the pages say so, and keep the note', SLOW, async () => {
    api.answer('POST /api/feedback', () => ({
      status: 403,
      body: problem(403, 'forbidden', 'the token has no scope feedback'),
    }))
    await page.goto(app(INCIDENT))
    await page.getByRole('button', { name: 'The cause was …' }).click()
    await page.getByLabel('Note (optional)').fill('card provider was down')
    await page.getByRole('button', { name: 'Send as useful' }).click()
    await page.getByText('This is not allowed to you').waitFor()
    await page.getByText('What you typed is kept').waitFor()
    await page.getByText('the token has no scope feedback').waitFor()
    expect(await page.getByLabel('Note (optional)').inputValue()).toBe('card provider was down')

    const refused = () => ({ status: 403, body: problem(403, 'forbidden', 'the token has no scope read') })
    api.answer('GET /api/status', refused)
    await page.goto(app())
    await page.getByText('This is not allowed to you').waitFor()
    await page.getByText('the token has no scope read').waitFor()
  })

  test('of 10,000 open incidents the newest are shown, and the way to the others', SLOW, async () => {
    const COUNT = 10_000
    const [example] = IncidentPage.parse(goldenIncidents).items
    api.answer('GET /api/status', () => ({
      body: { ...goldenStatus, at: new Date().toISOString(), incidents: { open: COUNT } },
    }))
    api.answer('GET /api/incidents', (query) => {
      const [from, limit] = [Number(query.get('cursor') ?? 0), Number(query.get('limit') ?? 100)]
      const items = Array.from({ length: Math.min(limit, COUNT - from) }, (_, i) => ({
        ...example,
        id: `incident-${from + i}`,
        title: `service-${from + i} is the probable cause`,
      }))
      return { body: { items, next_cursor: from + limit < COUNT ? String(from + limit) : null } }
    })
    await page.goto(app())
    await page.getByText(/^10000 open incidents; /).waitFor()
    await page.getByRole('link', { name: 'all 10000' }).click()
    const rows = page.getByRole('link', { name: /^service-\d+ is the probable cause$/ })
    await until('a page of them', async () => (await rows.count()) === 50)
    await page.getByRole('button', { name: 'Older ones' }).click()
    await until('two pages', async () => (await rows.count()) === 100)
  })

  test('an edge to a node that is not there is left out of the drawing', SLOW, async () => {
    const [edge] = goldenGraph.edges
    api.answer('GET /api/graph', () => ({
      body: { ...goldenGraph, edges: [edge, { ...edge, server: 'gone' }, { ...edge, client: 'gone' }] },
    }))
    await page.goto(app('/graph'))
    await page.getByRole('button', { name: /^payment service, / }).waitFor()
    expect(await page.getByTestId('graph').locator('.react-flow__node').count()).toBe(2)
    await page.getByRole('radio', { name: 'Table' }).click()
    await page.getByRole('region', { name: 'Services and what they call' }).waitFor()
  })

  test(
    'names of a hostile or careless program are shown as they are, on the incident too',
    SLOW,
    async () => {
      const names = [
        '<img src=x onerror=window.hacked=1><script>window.hacked=1',
        `long${'g'.repeat(296)}`,
        'שירות-תשלום',
      ]
      const { incident } = goldenExport
      const [cause] = incident.causes
      for (const name of names) {
        api.answer(EXPORT, () => ({
          body: {
            ...goldenExport,
            incident: {
              ...incident,
              title: `${name} is the probable cause`,
              services: [name],
              suffering: [name],
              causes: [{ ...cause, service: name, path: [name, name] }],
            },
          },
        }))
        await page.setViewportSize({ width: 390, height: 844 })
        await page.goto(app(INCIDENT))
        await until('the name', async () => (await page.locator('body').innerText()).includes(name))
        expect(Number(await page.evaluate('document.documentElement.scrollWidth'))).toBeLessThanOrEqual(390)
      }
      expect(await page.evaluate('window.hacked')).toBeUndefined()
    },
  )

  test('a clock that differs by an hour: it is said, and ages are by the clock of ADF', SLOW, async () => {
    const [first] = goldenIncidents.items
    const ahead = (ms: number) => new Date(Date.now() + HOUR_MS + ms).toISOString()
    api.answer('GET /api/status', () => ({ body: { ...goldenStatus, at: ahead(0) } }))
    api.answer('GET /api/incidents', () => ({
      body: {
        items: [{ ...first, started_at: ahead(-330_000), state: 'open', resolved_at: null }],
        next_cursor: null,
      },
    }))
    await page.goto(app())
    await page.getByText(/^The clock of this computer is \d+ min behind ADF’s$/).waitFor()
    await page.getByText(/, 5 min; /).waitFor()
  })

  test('a test of the settings says of each service whether it answers, and what to do', SLOW, async () => {
    await page.goto(`${pages.url}/plugins/adf-app`)
    await page.getByRole('button', { name: 'Test the saved connection' }).click()
    await page.getByText(/^ADF .+ answers$/).waitFor()
    await page.getByText(/^The Alertmanager webhook .+ answers$/).waitFor()
    await page.getByText('It does not reach http://127.0.0.1:9093/').waitFor()
    await page.getByText('The federation server does not answer').waitFor()
    await page.screenshot({ path: join(pictures, 'settings-tested.png'), fullPage: true })
    expect(await axeObjections(page)).toEqual([])
  })

  test('2,000 services are drawn as their namespaces, which open and close', SLOW, async () => {
    const graph = largeGraph()
    api.answer('GET /api/graph', () => ({ body: graph }))
    await page.goto(app('/graph'))
    const nodes = page.getByTestId('graph').locator('.react-flow__node')
    await until('the namespaces', async () => (await nodes.count()) === NAMESPACES)
    await page.screenshot({ path: join(pictures, 'graph-2000.png') })
    expect(await axeObjections(page)).toEqual([])
    await page.getByRole('button', { name: /^team-3 namespace, / }).click()
    await page.waitForURL(/collapsed=/)
    await until('what is inside', async () => (await nodes.count()) === NAMESPACES - 1 + EACH)
    await page.getByLabel('Find a service').fill('service-103')
    await page.getByLabel('Find a service').press('Enter')
    await page.waitForURL(/focus=/)
    await page.getByRole('region', { name: 'service-103' }).waitFor()
    await page.getByRole('button', { name: 'Show the whole graph' }).click()
    await page.getByRole('button', { name: 'Collapse all' }).click()
    await until('the namespaces again', async () => (await nodes.count()) === NAMESPACES)
  })

  test('an incident is played: the graph goes from minute to minute, and stops when told', SLOW, async () => {
    const began = Date.now() - 600_000
    const [first] = goldenIncidents.items
    const incident = { ...first, started_at: new Date(began).toISOString(), state: 'open', resolved_at: null }
    api.answer('GET /api/incidents', () => ({ body: { items: [incident], next_cursor: null } }))
    api.answer('GET /api/graph', (query) => ({
      body: { ...goldenGraph, at: query.get('at') ?? new Date().toISOString() },
    }))
    await page.goto(app('/graph'))
    await page.getByRole('button', { name: 'Play the incident' }).click()
    const frames = () => new Set(api.asked.filter((one) => one.startsWith('GET /api/graph?at=')))
    await until('three minutes of it', () => frames().size >= 3, 60_000)
    const times = [...frames()].map((one) => Date.parse(decodeURIComponent(one.split('at=')[1] ?? '')))
    expect(times[0]).toBe(began - 120_000)
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBe(60_000)
    await page.getByText(/^as it was at/).waitFor()
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByRole('button', { name: 'Play the incident' }).waitFor()
    await page.getByRole('button', { name: 'Back to now' }).click()
    await until('now', () => !page.url().includes('at='))
  })
})

const NAMESPACES = 40
const EACH = 50

/** Namespaces of services, each of which calls the next of its own; the first of each is called by the first of another, as a tree. */
function largeGraph(): Graph {
  const [node] = goldenGraph.nodes
  const [edge] = goldenGraph.edges
  const id = (team: number, i: number) => `team-${team}/service-${team * EACH + i - EACH}`
  const teams = Array.from({ length: NAMESPACES }, (_, i) => i + 1)
  const each = Array.from({ length: EACH }, (_, i) => i)
  return Graph.parse({
    ...goldenGraph,
    placements: [],
    nodes: teams.flatMap((team) =>
      each.map((i) => ({
        ...node,
        id: id(team, i),
        name: id(team, i).split('/')[1],
        namespace: `team-${team}`,
      })),
    ),
    edges: teams.flatMap((team) => [
      ...each
        .slice(1)
        .map((i) => ({ ...edge, connection: 'call', client: id(team, i - 1), server: id(team, i) })),
      ...(team === 1
        ? []
        : [{ ...edge, connection: 'call', client: id(Math.floor(team / 2), 0), server: id(team, 0) }]),
    ]),
  })
}
