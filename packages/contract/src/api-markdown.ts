import { z } from 'zod'
import { federationRoutes } from './federation/routes.ts'
import { feedbackRoutes } from './feedback/routes.ts'
import type { Route, SignedRoute } from './route.ts'
import { routes } from './routes.ts'

/** docs/api.md: every endpoint of the processor, made from its routes. */
export const renderApi = (): string => `# API of the processor

Made from the contract by \`npm run docs\`. The running processor serves the same with all schemas at \`/docs\` (page) and
\`/openapi.json\` (OpenAPI 3.1). Examples of every message: \`packages/contract/src/golden/\`.

- Port 8080 by default (\`api.port\`). Once tokens are configured (\`auth.tokens\`), a request carries
  \`authorization: Bearer TOKEN\`, and the token needs the scope in the table; \`admin\` includes the others.
${conventions}- \`from\` is inclusive, \`to\` is exclusive; both speak of event time.

${sections(Object.values(routes))}`

/** docs/federation-api.md: every endpoint of the federation server. */
export const renderFederationApi = (): string => `# API of the federation server

Made from the contract by \`npm run docs\`. The running server serves the same with all schemas at \`/docs\` (page) and
\`/openapi.json\` (OpenAPI 3.1). Examples of every message: \`packages/contract/src/golden/federation/\`.

- Port 8081 by default (\`api.port\`). Requests under \`/federation/v1\` have the scope \`client\`: enrolled clients sign each of them (HTTP Message
  Signatures, RFC 9421). The others carry \`authorization: Bearer TOKEN\` once tokens are configured (\`auth.tokens\`), and the token needs the
  scope in the table; \`admin\` includes the others.
${conventions}
${sections(Object.values(federationRoutes))}`

/** docs/webhook-api.md: every endpoint of the Alertmanager webhook. */
export const renderWebhookApi = (): string => `# API of the Alertmanager webhook

Made from the contract by \`npm run docs\`. The running webhook serves the same with all schemas at \`/docs\` (page) and
\`/openapi.json\` (OpenAPI 3.1). Examples of every message: \`packages/contract/src/golden/feedback/\`.

- Port 8082 by default (\`api.port\`). Once tokens are configured (\`auth.tokens\`), a request carries \`authorization: Bearer TOKEN\`, and the
  token needs the scope in the table; \`admin\` includes the others. Requests without a scope are open, or are signed.
${conventions}- \`from\` is inclusive, \`to\` is exclusive.

${sections(Object.values(feedbackRoutes))}`

const conventions = `- Times are RFC 3339. A query parameter that is not listed is an error.
- Lists come in pages: \`limit\` items, and \`next_cursor\`, which is the \`cursor\` of the next page or null.
- Every error is \`application/problem+json\` with a code of [errors.md](errors.md) and, for a bad request, the path of every
  fault; nothing was changed then.
- A change (\`POST\`, \`PUT\`, \`DELETE\`) is on the disk when it is answered.
`

type AnyRoute = Route | SignedRoute

const sections = (routes: readonly AnyRoute[]): string =>
  [...Map.groupBy(routes, ({ tag }) => tag)].map(([tag, list]) => section(tag, list)).join('\n')

function section(tag: string, list: readonly AnyRoute[]): string {
  const rows = list.map(({ method, path, scope, summary, answer }) => {
    const type =
      answer.schema instanceof z.ZodUndefined ? '' : (answer.schema.meta()?.id ?? answer.type ?? '')
    return `| \`${method.toUpperCase()} ${path}\` | ${scope ?? ''} | ${summary} | ${type} |`
  })
  const notes = list.flatMap((route) => [
    ...(route.description === undefined
      ? []
      : [`**\`${route.method.toUpperCase()} ${route.path}\`** ${route.description}`]),
    ...parameters(route),
  ])
  return `## ${tag}\n\n| Request | Scope | What | Answer |\n|---|---|---|---|\n${rows.join('\n')}\n${notes.map((note) => `\n${note}\n`).join('')}`
}

function parameters({ method, path, query }: AnyRoute): string[] {
  const names = Object.keys(query.shape)
  return names.length === 0
    ? []
    : [`\`${method.toUpperCase()} ${path}\` takes ${names.map((name) => `\`${name}\``).join(', ')}.`]
}
