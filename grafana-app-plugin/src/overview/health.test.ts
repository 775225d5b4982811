import { type GraphNode, IncidentPage } from '@adf/contract'
import incidentPage from '@adf/contract/golden/incident-page.json'
import { expect, test } from 'vitest'
import { serviceHealth } from './health.ts'

const { items } = IncidentPage.parse(incidentPage)
const node = (id: string, more: Partial<GraphNode> = {}): GraphNode => ({
  id,
  name: id,
  kind: 'service',
  rate: 1,
  error_rate: 0,
  latency: null,
  exclusive_ms: null,
  anomaly_score: 0.1,
  last_seen: '2026-03-01T03:12:05.250Z',
  ...more,
})
const nodes = [
  node('shop/accounting'),
  node('shop/checkout'),
  node('shop/new', { anomaly_score: null }),
  node('shop/payment'),
  node('database:postgres', { kind: 'database' }),
]

test('services come worst first: cause, suffering, unknown, normal', () => {
  expect(serviceHealth({ nodes }, items).map(({ node: { id }, health }) => [id, health])).toEqual([
    ['shop/payment', 'cause'],
    ['shop/checkout', 'suffers'],
    ['shop/new', 'unknown'],
    ['shop/accounting', 'normal'],
  ])
})

test('while the incidents cannot be read, nothing is said to be normal, scored or not', () => {
  expect(serviceHealth({ nodes }, undefined).map(({ health }) => health)).toEqual(
    Array.from({ length: 4 }, () => 'unread'),
  )
})

test('an incident that is over says nothing of now', () => {
  const over = items.map((incident) => ({ ...incident, state: 'resolved' as const }))
  expect(serviceHealth({ nodes }, over).filter(({ health }) => health === 'normal')).toHaveLength(3)
})
