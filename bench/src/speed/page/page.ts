import { createConsole, isBuilt } from '@adf/grafana-app'
import { createLogger } from '@adf/service'
import { type Benchmark, Missing, type Row } from '../../suite.ts'
import { median } from '../measured-process.ts'
import { startBrowser } from './browser.ts'
import { alertToCause, firstPage, graph500 } from './measures.ts'
import { startUpstream } from './upstream.ts'

/** The pages as the console serves them, in a headless Chromium whose cache is empty, over an API that answers at once. */
export const page: Benchmark = {
  suite: 'speed',
  name: 'page',
  describe: 'pages in Chromium: from an alert to its cause, the first page, and a graph of 500 services',
  run: async ({ quick, progress }) => {
    if (!isBuilt()) throw new Missing('the pages are not built: npm run build')
    const upstream = await startUpstream()
    const log = createLogger({ name: 'bench', level: 'error' })
    const pages = createConsole({ port: 0, apiUrl: upstream.url, version: '0', log })
    await pages.start()
    const browser = await startBrowser()
    try {
      const repeats = quick ? 1 : 5
      const alerts = await several(repeats, () => alertToCause(browser, pages.url))
      progress(`alert to cause: ${alerts.map(({ seconds }) => seconds.toFixed(2)).join(', ')} s`)
      const first = await several(repeats, () => firstPage(browser, pages.url))
      progress(`first page: ${first.map(({ seconds }) => seconds.toFixed(2)).join(', ')} s`)
      const graphs = await several(repeats, () => graph500(browser, pages.url))
      progress(`graph: ${graphs.map(({ seconds }) => seconds.toFixed(2)).join(', ')} s`)
      return [
        row('alert-to-cause', 'seconds', median(alerts.map(({ seconds }) => seconds))),
        row('alert-to-cause', 'clicks', Math.max(...alerts.map(({ clicks }) => clicks))),
        row('first-page', 'seconds', median(first.map(({ seconds }) => seconds))),
        row('first-page', 'kb_gzip', Math.max(...first.map(({ kb }) => kb))),
        row('graph-500', 'seconds', median(graphs.map(({ seconds }) => seconds))),
        row('graph-500', 'fps', median(graphs.map(({ fps }) => fps))),
      ]
    } finally {
      await browser.close()
      await pages.stop()
      await upstream.stop()
    }
  },
}

const row = (setting: string, measure: string, value: number): Row => ({
  suite: 'speed',
  case: setting,
  subject: 'adf',
  measure,
  value,
})

async function several<T>(count: number, measure: () => Promise<T>): Promise<T[]> {
  const results: T[] = []
  for (let i = 0; i < count; i++) results.push(await measure())
  return results
}
