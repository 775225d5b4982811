import { type DataFrame, FieldType } from '@grafana/data'
import { expect, test } from 'vitest'
import plugin from '../plugin.json' with { type: 'json' }
import { extensionLinks, fromAlert, fromPanel, fromSpan } from './extension-links.ts'

const frame = (...labels: Record<string, string>[]): DataFrame => ({
  length: 0,
  fields: labels.map((one) => ({
    name: 'value',
    type: FieldType.number,
    config: {},
    values: [],
    labels: one,
  })),
})
const panel = (...series: DataFrame[]) => ({ targets: [], data: { series } })

test('plugin.json declares the links that the code adds, and no others', () => {
  const declared = plugin.extensions.addedLinks.map(({ title, description, targets }) => ({
    title,
    description,
    targets,
  }))
  const added = extensionLinks.map(({ title, description, targets }) => ({
    title,
    description,
    targets: [targets].flat(),
  }))
  expect(declared).toEqual(added)
})

test('links lead to pages of the app', () => {
  for (const { path } of extensionLinks) expect(path).toMatch(/^\/a\/adf-app/)
})

test.each([
  [
    'an incident before all else',
    { incident_id: '019c', entity: 'a', service: 'b' },
    '/a/adf-app/incidents/019c',
  ],
  [
    'an entity',
    { entity: 'shop/payment/payment-1', job: 'adf' },
    '/a/adf-app/entities/shop%2Fpayment%2Fpayment-1',
  ],
  ['a service', { service_name: 'pay ment', job: 'x' }, '/a/adf-app/graph?focus=pay+ment'],
  ['nothing', { pod: 'a' }, undefined],
  ['nothing by an empty label', { entity: '' }, undefined],
])('the labels of an alert lead to %s', (_what, labels, path) => {
  expect(fromAlert({ instance: { labels } })?.path).toBe(path)
  expect(fromAlert({ rule: { labels } })?.path).toBe(path)
})

test('a panel leads to what all of its series are of', () => {
  const [one, other] = [
    { entity: 'a', stream: 'host' },
    { entity: 'b', stream: 'host' },
  ]
  expect(fromPanel(panel(frame(one, one)))?.path).toBe('/a/adf-app/entities/a')
  expect(fromPanel(panel(frame(one), frame(other)))).toBeUndefined()
  expect(fromPanel(panel())).toBeUndefined()
  expect(fromPanel(undefined)).toBeUndefined()
})

test('a span leads to its service', () => {
  expect(fromSpan({ attributes: { 'service.name': ['payment'] } })?.path).toBe(
    '/a/adf-app/graph?focus=payment',
  )
  expect(fromSpan({ attributes: { 'service.name': [] } })).toBeUndefined()
  expect(fromSpan(null)).toBeUndefined()
})
