import { expect, test } from 'vitest'
import { originOf } from './origin.ts'

test("an alert of an incident is ADF's, and of its service", () => {
  const labels = { alertname: 'ADFIncident', incident: 'i1', service: 'payment', severity: 'critical' }
  expect(originOf(labels)).toEqual({
    alertname: 'ADFIncident',
    ours: true,
    incidentId: 'i1',
    service: 'payment',
    entity: undefined,
  })
  expect(originOf({ alertname: 'ADFErrorBudgetBurn', service: 'cart' })).toMatchObject({
    ours: true,
    incidentId: undefined,
  })
})

test('an alert of another rule is of its job and instance, whatever it claims to be', () => {
  expect(originOf({ alertname: 'HighCpu', job: 'node', instance: 'host-1:9100', incident: 'i1' })).toEqual({
    alertname: 'HighCpu',
    ours: false,
    incidentId: undefined,
    service: 'node',
    entity: 'host-1:9100',
  })
  expect(originOf({ alertname: 'ADFIncident', incident: 'x'.repeat(65) }).incidentId).toBeUndefined()
  expect(originOf({ entity: 'e'.repeat(2000), service: '', job: 'j' })).toMatchObject({
    alertname: '',
    service: 'j',
    entity: 'e'.repeat(512),
  })
})
