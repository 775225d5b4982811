import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import own from '../package.json' with { type: 'json' }
import { PluginSchema } from './plugin-schema.ts'
import { folder } from './settings.ts'

const src = join(folder, 'src')

const FILES = globSync('{.,datasource,panels/*}/plugin.json', { cwd: src }).sort()
const read = (file: string) => PluginSchema.parse(JSON.parse(readFileSync(join(src, file), 'utf8')))

test('there are an app, a data source and four panels, each with an id of its own', () => {
  const plugins = FILES.map(read)
  expect(plugins.map(({ type }) => type).sort()).toEqual([
    'app',
    'datasource',
    'panel',
    'panel',
    'panel',
    'panel',
  ])
  expect(new Set(plugins.map(({ id }) => id)).size).toBe(plugins.length)
})

test.each(FILES)('%s is as Grafana wants it, and has its module and its logo beside it', (file) => {
  const { info, dependencies } = read(file)
  const folder = join(src, dirname(file))
  expect(info.version).toBe(own.version)
  expect(dependencies.grafanaDependency).toBe('>=13.2.0')
  expect(existsSync(join(folder, info.logos.small))).toBe(true)
  expect(existsSync(join(folder, 'module.ts')) || existsSync(join(folder, 'module.tsx'))).toBe(true)
})

test('the app names the plugins within it', () => {
  const plugins = FILES.map(read)
  const app = plugins.find(({ type }) => type === 'app')
  const named = app?.type === 'app' ? app.includes.filter(({ type }) => type !== 'page') : []
  const within = plugins.filter(({ type }) => type !== 'app').map(({ type, name }) => ({ type, name }))
  expect(named).toHaveLength(within.length)
  expect(named).toEqual(expect.arrayContaining(within))
})

test('a mistake in a plugin.json is found', () => {
  const datasource = JSON.parse(readFileSync(join(src, 'datasource/plugin.json'), 'utf8'))
  for (const wrong of [
    { id: 'adf' },
    { alerting: true },
    { colour: 'red' },
    { info: { ...datasource.info, keywords: [] } },
  ])
    expect(PluginSchema.safeParse({ ...datasource, ...wrong }).success).toBe(false)
})
