// @vitest-environment happy-dom
import { expect, test } from 'vitest'
import plugin from '../plugin.json' with { type: 'json' }
import { type Action, mayDo, rolesFor } from './permission.ts'

const ACTIONS: readonly Action[] = [
  'feedback:write',
  'anomalies:delete',
  'thresholds:write',
  'federation:review',
]

test('the actions that Grafana tells decide', () => {
  const person = { orgRole: 'Viewer', permissions: { 'adf-app.feedback:write': true } }
  expect(ACTIONS.map((action) => mayDo(person, action))).toEqual([true, false, false, false])
})

test('an action that was taken away is not given by the role', () => {
  const person = { orgRole: 'Admin', permissions: { 'adf-app.data:read': true } }
  expect(ACTIONS.some((action) => mayDo(person, action))).toBe(false)
})

test.each([
  ['Viewer', [false, false, false, false]],
  ['Editor', [true, false, false, false]],
  ['Admin', [true, true, true, true]],
  ['', [false, false, false, false]],
])('where Grafana tells none of the app, the role %s decides', (orgRole, expected) => {
  expect(ACTIONS.map((action) => mayDo({ orgRole }, action))).toEqual(expected)
  const others = { 'dashboards:read': true }
  expect(ACTIONS.map((action) => mayDo({ orgRole, permissions: others }, action))).toEqual(expected)
})

test('every action of a route that changes something is known here', () => {
  const asked = plugin.routes.flatMap(({ reqAction }) => (reqAction.endsWith(':read') ? [] : [reqAction]))
  expect(new Set(asked)).toEqual(new Set(ACTIONS.map((action) => `adf-app.${action}`)))
  for (const action of ACTIONS) expect(rolesFor(action)).toContain('Admin')
})
