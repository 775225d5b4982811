import type { PluginJson, Role } from './plugin-json.ts'

export interface BootData {
  readonly version: string
  readonly apiUrl: string
  readonly role: Role
  readonly permissions: readonly string[]
  readonly pages: readonly { readonly name: string; readonly path: string; readonly icon: string }[]
}

/** No code and no style but the console's own; React and emotion set styles from script, which needs 'unsafe-inline' for styles. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const ORDER: readonly Role[] = ['Viewer', 'Editor', 'Admin']

/** Pages of the app's navigation that the role may see. */
export const pagesOf = (plugin: PluginJson, role: Role): BootData['pages'] =>
  plugin.includes
    .filter((each) => each.type === 'page' && each.addToNav)
    .filter((each) => ORDER.findIndex((one) => one === (each.role ?? 'Viewer')) <= ORDER.indexOf(role))
    .map(({ name, path, icon }) => ({ name, path, icon }))

/** The document. Boot data are data, not code: `<` is escaped so that they cannot end their element. */
export const pageOf = (boot: BootData): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ADF console</title>
<link rel="icon" href="/public/plugins/adf-app/img/logo.svg">
<script id="boot" type="application/json">${JSON.stringify(boot).replaceAll('<', '\\u003c')}</script>
<script src="/console/console.js" defer></script>
</head>
<body><div id="console"></div><noscript>The console needs JavaScript.</noscript></body>
</html>
`
