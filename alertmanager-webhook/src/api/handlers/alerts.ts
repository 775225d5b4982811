import { feedbackRoutes } from '@adf/contract/feedback'
import { type Endpoints, ProblemError } from '@adf/service'
import type { ApiPorts } from '../ports.ts'
import { timeRange } from '../time-range.ts'

/** Alerts and the audit log, as they are stored. */
export function alertEndpoints(endpoints: Endpoints, { store }: ApiPorts): void {
  endpoints
    .on(feedbackRoutes.listAlerts, ({ query: { from, to, ...filter } }) =>
      store.alerts.page({ ...filter, ...timeRange({ from, to }) }),
    )
    .on(feedbackRoutes.getAlert, async ({ params: { id } }) => {
      const alert = await store.alerts.get(id)
      if (alert === undefined) throw new ProblemError('not_found', `there is no alert ${id}`)
      return alert
    })
    .on(feedbackRoutes.listFeedbackAudit, ({ query: { from, to, ...filter } }) =>
      store.audit.page({ ...filter, ...timeRange({ from, to }) }),
    )
}
