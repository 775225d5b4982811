import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { Missing } from '../../suite.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/** The Chromium that is on PATH, without a screen and without a GPU. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find(existsSync)
  if (executablePath === undefined) throw new Missing('chromium is not on PATH: install it')
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking', '--no-first-run'],
  })
}
