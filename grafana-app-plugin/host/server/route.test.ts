import { join } from 'node:path'
import { expect, test } from 'vitest'
import { permissionsOf, readPluginJson } from './plugin-json.ts'
import { forwardOf, type Settings } from './route.ts'

const plugin = readPluginJson(join(import.meta.dirname, '../../src/plugin.json'))
const settings: Settings = {
  JsonData: { apiUrl: 'http://127.0.0.1:8080' },
  SecureJsonData: { apiToken: 'secret' },
}
const forward = (method: string, path: string) => forwardOf(plugin.routes, method, path, settings)

test.each([
  ['GET', 'api/graph', 'http://127.0.0.1:8080/api/graph', 'adf-app.data:read'],
  ['GET', 'api/incidents/7/export', 'http://127.0.0.1:8080/api/incidents/7/export', 'adf-app.data:read'],
  ['POST', 'api/feedback', 'http://127.0.0.1:8080/api/feedback', 'adf-app.feedback:write'],
  ['DELETE', 'api/anomalies/7', 'http://127.0.0.1:8080/api/anomalies/7', 'adf-app.anomalies:delete'],
])('%s %s goes to %s for those who may %s', (method, path, url, action) => {
  const forwarded = forward(method, path)
  expect(forwarded?.url).toBe(url)
  expect(forwarded?.route.reqAction).toBe(action)
  expect(forwarded?.headers).toEqual({ authorization: 'Bearer secret' })
})

test.each([
  ['POST', 'api/graph'],
  ['GET', 'api'],
  ['GET', 'api/'],
  ['GET', 'metrics'],
  ['POST', 'api/feedback/more'],
  ['DELETE', 'api/anomalies/'],
  ['GET', 'api/../metrics'],
  ['GET', 'api/%2E%2e/metrics'],
  ['GET', 'api/..\\..\\metrics'],
  ['DELETE', 'api/feedback/x\\..\\..\\anomalies\\7'],
])('no route takes %s %s', (method, path) => {
  expect(forward(method, path)).toBeUndefined()
})

test('a setting that is absent leaves its place empty', () => {
  const bare = forwardOf(plugin.routes, 'GET', 'api/graph', { ...settings, SecureJsonData: {} })
  expect(bare?.headers).toEqual({ authorization: 'Bearer' })
})

test('what a role may do grows from viewer to admin', () => {
  expect(permissionsOf(plugin, 'Viewer')).toEqual(['adf-app.data:read'])
  expect(permissionsOf(plugin, 'Editor')).toEqual(['adf-app.data:read', 'adf-app.feedback:write'])
  expect(permissionsOf(plugin, 'Admin')).toEqual([
    'adf-app.data:read',
    'adf-app.feedback:write',
    'adf-app.anomalies:delete',
    'adf-app.thresholds:write',
    'adf-app.federation:review',
  ])
})

test('every action of a route is one that a role grants', () => {
  for (const { reqAction } of plugin.routes) expect(permissionsOf(plugin, 'Admin')).toContain(reqAction)
})
