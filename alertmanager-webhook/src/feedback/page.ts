import { createHash } from 'node:crypto'

const style = `
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: #1f2328; background: #f6f8fa }
main { max-width: 34rem; margin: 0 auto; padding: 2rem 1.25rem }
h1 { font-size: 1.4rem; line-height: 1.3 }
textarea { box-sizing: border-box; width: 100%; min-height: 4rem; font: inherit; padding: .5rem }
button { font: inherit; font-weight: 600; padding: .75rem 1.5rem; margin-top: 1rem; border: 0; border-radius: 6px; color: #fff; background: #1f5fbf }
label { display: block; margin-top: 1rem }
.quiet { color: #57606a; font-size: .9rem }
@media (prefers-color-scheme: dark) { body { color: #e6edf3; background: #0d1117 } .quiet { color: #8d96a0 } textarea { color: inherit; background: #161b22 } }
`

/** Headers of a page that runs nothing, loads nothing, and posts to where it came from only. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex, nofollow',
  'cache-control': 'no-store',
}

/** Text that is safe between tags and in quoted attributes. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** A page of one heading. `body` is HTML. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body><main>
<h1>${escaped(title)}</h1>
${body}
</main></body>
</html>
`
}
