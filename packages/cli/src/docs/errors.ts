import { codes } from '@adf/service'
import { markdownTable } from './table.ts'

/** docs/errors.md */
export function renderErrors(): string {
  const rows = Object.entries(codes).map(([code, [status, title, meaning]]) => [
    `\`${code}\``,
    String(status),
    title,
    meaning,
  ])
  return `# Errors of the HTTP APIs

Made by \`npm run docs\`.

Every error answer is \`application/problem+json\` (RFC 9457) with the members \`type\`, \`title\`, \`status\`, \`code\`, \`detail\`,
and, where several things are wrong with a request, \`errors\`: a list of \`{"path", "message"}\`. Programs should look at
\`code\`, which never changes its meaning; \`title\` and \`detail\` are for people. A request that got an error changed
nothing.

${markdownTable(['Code', 'Status', 'Title', 'Meaning'], rows)}

On the OTLP endpoints the answers are those of the OTLP specification instead: a \`google.rpc.Status\`, retryable with 429,
502, 503 and 504 only.
`
}
