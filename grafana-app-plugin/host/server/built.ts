import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Where the build puts the app and the page. */
export const BUILT = {
  app: join(import.meta.dirname, '../../dist/app'),
  host: join(import.meta.dirname, '../../dist/host'),
}

/** Whether there are pages to serve. */
export const isBuilt = (): boolean =>
  existsSync(join(BUILT.app, 'module.js')) && existsSync(join(BUILT.host, 'console.js'))
