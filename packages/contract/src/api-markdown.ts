import { z } from 'zod'
import type { Route } from './route.ts'
import { routes } from './routes.ts'

/** docs/api.md: every endpoint, made from the routes. */
export function renderApi(): string {
  const tags = Map.groupBy(Object.values<Route>(routes), ({ tag }) => tag)
  return `# API of the processor

Made from the contract by \`npm run docs\`. The running processor serves the same with all schemas at \`/docs\` (page) and
\`/openapi.json\` (OpenAPI 3.1). Examples of every message: \`packages/contract/src/golden/\`.

- Port 8080 by default (\`api.port\`). Once tokens are configured (\`auth.tokens\`), a request carries
  \`authorization: Bearer TOKEN\`, and the token needs the scope in the table; \`admin\` includes the others.
- Times are RFC 3339. A query parameter that is not listed is an error.
- Lists come in pages: \`limit\` items, and \`next_cursor\`, which is the \`cursor\` of the next page or null.
- Every error is \`application/problem+json\` with a code of [errors.md](errors.md) and, for a bad request, the path of every
  fault; nothing was changed then.
- A change (\`POST\`, \`PUT\`, \`DELETE\`) is on the disk when it is answered.
- \`from\` is inclusive, \`to\` is exclusive; both speak of event time.

${[...tags].map(([tag, list]) => section(tag, list)).join('\n')}`
}

function section(tag: string, list: readonly Route[]): string {
  const rows = list.map(({ method, path, scope, summary, answer }) => {
    const type = answer.schema instanceof z.ZodUndefined ? '' : (answer.schema.meta()?.id ?? '')
    return `| \`${method.toUpperCase()} ${path}\` | ${scope ?? ''} | ${summary} | ${type} |`
  })
  const notes = list.flatMap((route) => [
    ...(route.description === undefined ? [] : [`**\`${route.path}\`** ${route.description}`]),
    ...parameters(route),
  ])
  return `## ${tag}\n\n| Request | Scope | What | Answer |\n|---|---|---|---|\n${rows.join('\n')}\n${notes.map((note) => `\n${note}\n`).join('')}`
}

function parameters({ method, path, query }: Route): string[] {
  const names = Object.keys(query.shape)
  return names.length === 0
    ? []
    : [`\`${method.toUpperCase()} ${path}\` takes ${names.map((name) => `\`${name}\``).join(', ')}.`]
}
