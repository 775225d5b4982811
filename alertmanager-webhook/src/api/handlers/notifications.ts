import { feedbackRoutes } from '@adf/contract/feedback'
import { mount, ProblemError, requireScope, requireType, type TokenAuthority, toProblem } from '@adf/service'
import express, { type ErrorRequestHandler, type IRouter, type RequestHandler } from 'express'
import type { NotificationOutcome, WebhookMetrics } from '../../metrics.ts'
import { alertsOf } from '../../webhook/notification.ts'
import { basicAsBearer } from '../basic-auth.ts'
import type { ApiPorts } from '../ports.ts'

export interface NotificationLimits {
  /** Bytes, decompressed. */
  readonly maxBody: number
  readonly maxInFlight: number
}

/** `POST /webhook/alertmanager`. */
export function notificationEndpoint(
  router: IRouter,
  auth: TokenAuthority,
  { store, metrics, clock, newId }: ApiPorts,
  { maxBody, maxInFlight }: NotificationLimits,
): void {
  const { receiveNotification: route } = feedbackRoutes
  const guards = [
    basicAsBearer,
    requireScope(auth, route.scope),
    shedding(maxInFlight),
    requireType(route.body.types),
    express.json({ limit: maxBody, strict: false, type: () => true }),
  ]
  mount(router, route, guards, async ({ body }) => {
    const nowMs = clock()
    metrics.truncated.inc(body.truncatedAlerts)
    const outcomes = await store.alerts.notified(alertsOf(body, nowMs, newId), nowMs)
    for (const outcome of outcomes) metrics.alerts.inc({ outcome })
    const news = outcomes.filter((outcome) => outcome === 'fired' || outcome === 'resolved').length
    metrics.notifications.inc({ outcome: news > 0 ? 'stored' : 'known' })
    return { alerts: outcomes.length, news }
  })
  router.use(route.path, refused(metrics))
}

/** Alertmanager tries again after a 503, and never after a 429. */
function shedding(maxInFlight: number): RequestHandler {
  let inFlight = 0
  return (_request, response, next) => {
    if (inFlight >= maxInFlight)
      throw new ProblemError('overloaded', `${maxInFlight} notifications are being stored already`, {
        headers: { 'retry-after': '1' },
      })
    inFlight++
    response.once('close', () => {
      inFlight--
    })
    next()
  }
}

function refused({ notifications }: WebhookMetrics): ErrorRequestHandler {
  return (error: unknown, _request, _response, next) => {
    notifications.inc({ outcome: outcomeOf(toProblem(error)) })
    next(error)
  }
}

function outcomeOf({ code, status }: ProblemError): NotificationOutcome {
  if (code === 'store_unwritable') return 'unwritable'
  if (status === 503) return 'shed'
  if (status === 413) return 'too_large'
  if (status === 401 || status === 403) return 'unauthorized'
  return status < 500 ? 'malformed' : 'failed'
}
