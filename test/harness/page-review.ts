import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { axeObjections, openPage, type Watched } from './chromium.ts'
import { until } from './process.ts'

/** One page as it is looked at. */
export interface ReviewedPage {
  /** Of its picture. */
  readonly name: string
  /** Below the app's. */
  readonly path: string
  readonly title: string | RegExp
  /** What is done there before it is looked at. */
  readonly first?: (page: Page) => Promise<void>
}

export const heading = ({ page }: Watched, name: string | RegExp) =>
  page.getByRole('heading', { level: 1, name }).waitFor()

/** Nothing is awaited any more. */
const settled = ({ page }: Watched) =>
  until('the answers', async () => (await page.getByText(/Asking ADF|Loading the page/).count()) === 0)

/** A picture of each page in these colours, and what is wrong with it: what axe objects to, errors of the page. `also` looks at each further. */
export async function reviewPages(
  browser: Browser,
  pages: readonly ReviewedPage[],
  options: {
    /** Address of the app. */
    readonly app: string
    /** Folder of the pictures. */
    readonly pictures: string
    readonly colorScheme: 'dark' | 'light'
    /** Of axe; all, when left out. */
    readonly rules?: readonly string[]
    readonly also?: (name: string, watched: Watched) => Promise<void>
  },
): Promise<string[]> {
  const { colorScheme } = options
  const watched = await openPage(browser, { colorScheme })
  const { page, faults } = watched
  const wrong: string[] = []
  for (const { name, path, title, first } of pages) {
    await page.goto(`${options.app}${path}`)
    await heading(watched, title)
    await settled(watched)
    await first?.(page)
    await page.screenshot({ path: join(options.pictures, `${name}-${colorScheme}.png`), fullPage: true })
    const found = await axeObjections(page, options.rules)
    wrong.push(...found.map((one) => `${name}: ${one}`))
    await options.also?.(name, watched)
  }
  await page.close()
  return [...wrong, ...faults]
}
