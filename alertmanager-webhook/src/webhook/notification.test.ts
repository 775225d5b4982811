import { Notification } from '@adf/contract/feedback'
import { expect, test } from 'vitest'
import { alertsOf } from './notification.ts'

const NOW = Date.parse('2026-03-01T04:00:00Z')
const alert = {
  status: 'firing',
  labels: { alertname: 'HighCpu', instance: 'host-1' },
  startsAt: '2026-03-01T03:00:00.123456789Z',
  endsAt: '0001-01-01T00:00:00Z',
  fingerprint: '47044908fa8077a1',
}
const notification = (...alerts: object[]) =>
  Notification.parse({ version: '4', groupKey: 'g'.repeat(2000), status: 'firing', receiver: 'adf', alerts })
const endsOf = (...alerts: object[]) =>
  alertsOf(notification(...alerts.map((more) => ({ ...alert, ...more }))), NOW, () => 'id').alerts.map(
    ({ endedMs }) => endedMs,
  )

test('an alert is read as Alertmanager writes it, with what is not listed let be', () => {
  expect(alertsOf(notification({ ...alert, notification_reason: 'x' }), NOW, () => 'new')).toEqual({
    receiver: 'adf',
    groupKey: 'g'.repeat(1024),
    alerts: [
      {
        id: 'new',
        fingerprint: '47044908fa8077a1',
        labels: alert.labels,
        annotations: {},
        generatorUrl: '',
        alertname: 'HighCpu',
        ours: false,
        incidentId: undefined,
        service: undefined,
        entity: 'host-1',
        startedMs: Date.parse('2026-03-01T03:00:00.123Z'),
        endedMs: undefined,
      },
    ],
  })
})

test('an end is the one that is told, now when none is told, and never before the start', () => {
  expect(
    endsOf(
      { status: 'resolved', endsAt: '2026-03-01T03:30:00+00:00' },
      { status: 'resolved' },
      { status: 'resolved', endsAt: undefined },
      { status: 'resolved', endsAt: '2026-03-01T02:30:00Z' },
      { endsAt: '2026-03-01T03:30:00Z' },
    ),
  ).toEqual([Date.parse('2026-03-01T03:30:00Z'), NOW, NOW, Date.parse('2026-03-01T03:00:00.123Z'), undefined])
})
