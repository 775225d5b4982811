import type { PluginRoute } from './plugin-json.ts'

/** What a route's templates are filled with. */
export interface Settings {
  readonly JsonData: Readonly<Record<string, string>>
  readonly SecureJsonData: Readonly<Record<string, string>>
}

export interface Forwarded {
  readonly route: PluginRoute
  /** The upstream's address, without the query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Where Grafana's plugin proxy sends a request: the first route whose method and pattern fit. A pattern is literal, or ends in
 * `/*`, which stands for at least one further segment and is joined to the route's url. undefined: none fits, or the
 * path has a segment `.` or `..` or a backslash, which would leave what the pattern allows.
 */
export function forwardOf(
  routes: readonly PluginRoute[],
  method: string,
  path: string,
  settings: Settings,
): Forwarded | undefined {
  // URLs take a backslash for a slash.
  if (path.includes('\\') || /(^|\/)(\.|%2e){1,2}(\/|$)/i.test(path)) return undefined
  for (const route of routes) {
    if (route.method !== undefined && route.method !== '' && route.method !== '*' && route.method !== method)
      continue
    const rest = restOf(route.path, path)
    if (rest === undefined) continue
    const base = filled(route.url, settings)
    return {
      route,
      url: rest === '' ? base : `${base.replace(/\/$/, '')}/${rest}`,
      headers: Object.fromEntries(
        (route.headers ?? []).map(({ name, content }) => [
          name.toLowerCase(),
          filled(content, settings).trim(),
        ]),
      ),
    }
  }
  return undefined
}

/** What `*` stands for, empty for a literal pattern; undefined when it does not fit. */
function restOf(pattern: string, path: string): string | undefined {
  if (!pattern.endsWith('/*')) return pattern === path ? '' : undefined
  const start = pattern.slice(0, -1)
  return path.startsWith(start) && path.length > start.length ? path.slice(start.length) : undefined
}

/** Go's template, as far as plugin routes use it: `{{ .JsonData.name }}`; what is not set is empty. */
const filled = (template: string, settings: Settings): string =>
  template.replace(
    /\{\{\s*\.(JsonData|SecureJsonData)\.(\w+)\s*\}\}/g,
    (_, part: keyof Settings, name: string) => settings[part][name] ?? '',
  )
