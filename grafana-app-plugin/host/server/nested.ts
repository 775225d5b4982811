import { globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Express, type RequestHandler, Router } from 'express'
import { type NestedJson, readNestedJson } from './plugin-json.ts'
import { pluginProxy } from './proxy.ts'
import type { Settings } from './route.ts'

/** The one data source that the console has. */
const SOURCE_UID = 'adf'

interface Nested {
  readonly json: NestedJson
  readonly folder: string
}

/** Plugins within the built app. */
const nestedOf = (app: string): Nested[] =>
  globSync('{datasource,panels/*}/plugin.json', { cwd: app })
    .sort()
    .map((path) => ({ json: readNestedJson(join(app, path)), folder: join(app, dirname(path)) }))

/**
 * Serves the app's nested plugins as Grafana does: each under its own id, and the data source through `/api/datasources/proxy`. A route of a data
 * source is a prefix, where a route of an app is a pattern.
 */
export function serveNested(
  on: Express,
  app: string,
  files: (folder: string) => RequestHandler,
  settings: Settings,
): void {
  for (const { json, folder } of nestedOf(app)) {
    on.use(`/public/plugins/${json.id}`, files(folder))
    if (json.type !== 'datasource') continue
    const routes = json.routes.map((route) => ({ ...route, path: `${route.path}*` }))
    const proxy = Router().use(pluginProxy({ plugin: { routes }, settings, permissions: [] }))
    on.use(`/api/datasources/proxy/uid/${SOURCE_UID}`, proxy)
  }
}
