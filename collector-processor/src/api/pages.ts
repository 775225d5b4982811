import { Router } from 'express'

/** Where people come with a browser: the link that an alert carries (`external_url/incidents/ID`). */
export function pageRoutes(): Router {
  const router = Router()
  router.get('/incidents/:id', (request, response) =>
    response.redirect(`../api/incidents/${encodeURIComponent(request.params.id)}`),
  )
  return router
}
