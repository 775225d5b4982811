import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type RequestHandler, Router } from 'express'

const assets = ['swagger-ui-bundle.js', 'swagger-ui.css', 'favicon-32x32.png'] as const
const folder = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')))

const page = (title: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
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

/**
 * GET /docs and /openapi.json. The page needs nothing from elsewhere; what is served of the package is listed above.
 *
 * @param title plain text, without a character that HTML gives a meaning
 */
export function docsRoutes({ title, document }: { title: string; document: object }): Router {
  const [html, json] = [page(title), JSON.stringify(document)]
  const router = Router()
  const policy: RequestHandler = (_request, response, next) => {
    response.set(
      'content-security-policy',
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
    )
    next()
  }
  router.get('/docs', policy, (_request, response) => {
    response.type('html').send(html)
  })
  router.get('/docs/start.js', (_request, response) => {
    response.type('js').send(start)
  })
  for (const asset of assets) {
    router.get(`/docs/${asset}`, (_request, response) => {
      response.sendFile(join(folder, asset), { maxAge: '1h' })
    })
  }
  router.get('/openapi.json', (_request, response) => {
    response.type('json').send(json)
  })
  return router
}
