import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openApiDocument, processorApi, routes } from '@adf/contract'
import { type RequestHandler, Router } from 'express'

const assets = ['swagger-ui-bundle.js', 'swagger-ui.css', 'favicon-32x32.png'] as const
const folder = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')))

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ADF processor API</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`
const start = `SwaggerUIBundle({ url: 'openapi.json', dom_id: '#ui', deepLinking: true })\n`

/** GET /docs and /openapi.json. The page needs nothing from elsewhere; what is served of the package is listed above. */
export function docsRoutes(version: string): Router {
  const document = JSON.stringify(openApiDocument(processorApi, version))
  const router = Router()
  const policy: RequestHandler = (_request, response, next) => {
    response.set(
      'content-security-policy',
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
    )
    next()
  }
  router.get(routes.docs.path, policy, (_request, response) => {
    response.type('html').send(page)
  })
  router.get('/docs/start.js', (_request, response) => {
    response.type('js').send(start)
  })
  for (const asset of assets) {
    router.get(`/docs/${asset}`, (_request, response) => {
      response.sendFile(join(folder, asset), { maxAge: '1h' })
    })
  }
  router.get(routes.openapi.path, (_request, response) => {
    response.type('json').send(document)
  })
  return router
}
