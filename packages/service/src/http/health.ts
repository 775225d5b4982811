import { Router } from 'express'
import type { Readiness } from '../lifecycle/readiness.ts'
import { ProblemError } from './problem.ts'

/** GET /health: the process lives. GET /ready: it can take work, else 503 `not_ready` with the reasons; `degraded` says what it does without. No token needed. */
export function healthRoutes({ ready }: { ready: () => Readiness }): Router {
  const router = Router()
  router.get('/health', (_request, response) => {
    response.json({ status: 'ok' })
  })
  router.get('/ready', (_request, response) => {
    const { ready: now, reasons, degraded } = ready()
    if (!now) {
      throw new ProblemError('not_ready', reasons.join('; ') || 'not ready', {
        headers: { 'retry-after': '5' },
        extra: { reasons },
      })
    }
    response.json({ status: 'ready', ...(degraded !== undefined && { degraded }) })
  })
  return router
}
