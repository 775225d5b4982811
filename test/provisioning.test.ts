import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { readDashboards } from './harness/dashboards.ts'

const root = join(import.meta.dirname, '..')
const yaml = (path: string) => parse(readFileSync(join(root, 'provisioning', path), 'utf8'))
const json = (path: string) => JSON.parse(readFileSync(join(root, 'grafana-app-plugin/src', path), 'utf8'))

/** Names of settings that the routes of a plugin are filled with. */
const settings = (plugin: unknown, part: string): string[] => [
  ...new Set(
    [...JSON.stringify(plugin).matchAll(new RegExp(`\\{\\{ \\.${part}\\.(\\w+) \\}\\}`, 'g'))].map(
      ([, name = '']) => name,
    ),
  ),
]

test.each([
  ['datasources/adf.yaml', 'datasources', 'datasource/plugin.json'],
  ['plugins/adf.yaml', 'apps', 'plugin.json'],
])('grafana/%s provisions what the routes of the plugin need', (file, list, pluginFile) => {
  const plugin = json(pluginFile)
  const [provisioned] = yaml(`grafana/${file}`)[list]
  expect(provisioned.type).toBe(plugin.id)
  expect(Object.keys(provisioned.jsonData).sort()).toEqual(settings(plugin, 'JsonData').sort())
  expect(Object.keys(provisioned.secureJsonData).sort()).toEqual(settings(plugin, 'SecureJsonData').sort())
})

test('dashboards ask plugins that are provisioned, and have uids and titles of their own', () => {
  const types = yaml('grafana/datasources/adf.yaml').datasources.map(({ type }: { type: string }) => type)
  const dashboards = readDashboards()
  expect(dashboards).toHaveLength(8)
  expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(8)
  for (const { templating } of dashboards)
    expect(templating.list.filter(({ type }) => type === 'datasource').map(({ query }) => query)).toEqual(
      types.toReversed(),
    )
})

test('panels of this app that dashboards show are in it', () => {
  const ids = new Set(
    readDashboards().flatMap(({ panels }) =>
      panels.map(({ type }) => type).filter((type) => type.startsWith('adf-')),
    ),
  )
  const panels = ['graph', 'causes', 'timeline', 'threshold'].map(
    (name) => json(`panels/${name}/plugin.json`).id,
  )
  expect([...ids].sort()).toEqual(panels.sort())
})
