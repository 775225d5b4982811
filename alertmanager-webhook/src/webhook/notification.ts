import type { Notification } from '@adf/contract/feedback'
import { originOf } from '../alerts/origin.ts'
import type { AlertNotification, NotifiedAlert } from '../store/store.ts'

/** Of a group key and a receiver; longer ones are cut. */
const LONGEST_KEY = 1024

/** The year 1, which is how Alertmanager writes no time. */
const NO_TIME_MS = Date.parse('0002-01-01T00:00:00Z')

/** What Alertmanager posted, as the store takes it. */
export function alertsOf(
  { receiver, groupKey, alerts }: Notification,
  nowMs: number,
  newId: () => string,
): AlertNotification {
  return {
    receiver,
    groupKey: groupKey.slice(0, LONGEST_KEY),
    alerts: alerts.map((alert): NotifiedAlert => {
      const { status, labels, annotations, generatorURL, fingerprint } = alert
      const startedMs = Date.parse(alert.startsAt)
      return {
        id: newId(),
        fingerprint,
        labels,
        annotations,
        generatorUrl: generatorURL,
        ...originOf(labels),
        startedMs,
        endedMs: status === 'firing' ? undefined : endOf(alert.endsAt, startedMs, nowMs),
      }
    }),
  }
}

/** Of an alert that is over: when that was; now where the notification does not say, and never before its start. */
function endOf(endsAt: string | undefined, startedMs: number, nowMs: number): number {
  const told = endsAt === undefined ? Number.NaN : Date.parse(endsAt)
  return Math.max(startedMs, told > NO_TIME_MS ? told : nowMs)
}
