import { feedbackRoutes } from '@adf/contract/feedback'
import type { Endpoints } from '@adf/service'
import type { ApiPorts } from '../ports.ts'

export function statusEndpoint(
  endpoints: Endpoints,
  { store, metrics, alertmanagers, processors }: ApiPorts,
  about: { version: string; startedMs: number },
): void {
  endpoints.on(feedbackRoutes.getFeedbackStatus, async () => {
    const lastMs = await store.alerts.lastNotifiedMs()
    const { values } = await metrics.notifications.get()
    const taken = values.filter(({ labels: { outcome } }) => outcome === 'stored' || outcome === 'known')
    return {
      version: about.version,
      started_at: new Date(about.startedMs).toISOString(),
      last_notification_at: lastMs === undefined ? null : new Date(lastMs).toISOString(),
      notifications: taken.reduce((sum, { value }) => sum + value, 0),
      open_alerts: await store.alerts.firing(),
      undelivered: await store.feedback.undeliveredCount(),
      processors: await Promise.all(
        processors().map(async (one) => ({ ...one, verdict_cursor: await store.feedback.cursor(one.url) })),
      ),
      alertmanagers: [...alertmanagers()],
    }
  })
}
