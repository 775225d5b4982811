import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { INCIDENT } from './upstream.ts'

const VIEWPORT = { width: 1280, height: 900 }
const PATIENCE_MS = 120_000
const SERVICES = 500
const PAN_MS = 2000

/** A page whose browser has nothing cached. */
async function fresh<T>(browser: Browser, use: (page: Page) => Promise<T>): Promise<T> {
  const page = await browser.newPage({ viewport: VIEWPORT })
  page.setDefaultTimeout(PATIENCE_MS)
  try {
    return await use(page)
  } finally {
    await page.close()
  }
}

/** From the click on an alert's link to the sentence that names the first-ranked cause. */
export const alertToCause = (browser: Browser, console: string) =>
  fresh(browser, async (page) => {
    await page.setContent(`<a href="${console}/incidents/${INCIDENT}">Alert</a>`)
    const started = performance.now()
    let clicks = 0
    await page.getByRole('link', { name: 'Alert' }).click()
    clicks++
    await page.getByText('is the probable cause').first().waitFor()
    return { seconds: (performance.now() - started) / 1000, clicks }
  })

/** From the address of the overview to its services; and the app's own files that it took, as they are when compressed. */
export const firstPage = (browser: Browser, console: string) =>
  fresh(browser, async (page) => {
    const bodies: Promise<Buffer>[] = []
    page.on('response', (response) => {
      if (/\/public\/plugins\/adf-app\/.*\.(js|css)$/.test(response.url())) bodies.push(response.body())
    })
    const started = performance.now()
    await page.goto(`${console}/a/adf-app`, { waitUntil: 'commit' })
    await page.getByRole('region', { name: 'Services' }).getByRole('listitem').first().waitFor()
    const seconds = (performance.now() - started) / 1000
    const sizes = (await Promise.all(bodies)).map((body) => gzipSync(body, { level: 9 }).length)
    return { seconds, kb: sizes.reduce((sum, size) => sum + size, 0) / 1000 }
  })

/** From the answer of the API to 500 nodes on the screen; then frames a second while the graph is dragged about. */
export const graph500 = (browser: Browser, console: string) =>
  fresh(browser, async (page) => {
    await page.addInitScript(WATCH)
    await page.goto(`${console}/a/adf-app/graph`)
    await drawn(page)
    const seconds = Number(
      await page.evaluate(
        "(window.drawnAt - performance.getEntriesByType('resource').find((one) => one.name.endsWith('/api/graph')).responseEnd) / 1000",
      ),
    )
    // Between the layers there is no node to take hold of.
    const box = await page.getByTestId('graph').boundingBox()
    if (box === null) throw new Error('the graph has no place on the page')
    const [x, y] = [box.x + 8, box.y + box.height / 2]
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.evaluate(COUNT)
    const started = performance.now()
    for (let step = 0; performance.now() - started < PAN_MS; step++)
      await page.mouse.move(x + 200 * Math.sin(step / 10) ** 2, y + 100 * Math.sin(step / 7))
    const fps = Number(await page.evaluate('window.framesPerSecond()'))
    await page.mouse.up()
    return { seconds, fps }
  })

/** By asking: the policy of the page forbids what waits within it. */
async function drawn(page: Page): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  while ((await page.evaluate('window.drawnAt')) === undefined) {
    if (performance.now() > end) throw new Error(`the ${SERVICES} nodes never came`)
    await page.waitForTimeout(50)
  }
}

const WATCH = `
  const look = () => {
    if (document.querySelectorAll('.react-flow__node').length >= ${SERVICES}) requestAnimationFrame(() => { window.drawnAt = performance.now() })
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)`

const COUNT = `
  (() => {
    const started = performance.now()
    let frames = 0
    const next = () => { frames++; requestAnimationFrame(next) }
    requestAnimationFrame(next)
    window.framesPerSecond = () => (1000 * frames) / (performance.now() - started)
  })()`
