import { ProblemError } from '@adf/service'
import express, { type RequestHandler, Router } from 'express'
import type { PluginJson } from './plugin-json.ts'
import { forwardOf, type Settings } from './route.ts'

const MAX_BODY_BYTES = 2 ** 20
/** The processor answers its slowest question, a graph of long ago, within a second or two. */
const TIMEOUT_MS = 30_000
/** Of the upstream's answer, what the page may need; nothing about its connection. */
const KEPT_HEADERS = ['content-type', 'retry-after']

export interface ProxyOptions {
  readonly plugin: Pick<PluginJson, 'routes'>
  readonly settings: Settings
  readonly permissions: readonly string[]
}

/** `/api/plugin-proxy/ID/…` as Grafana has it: the routes of plugin.json decide where a request goes, who may make it, and what is added to it. */
export function pluginProxy({ plugin, settings, permissions }: ProxyOptions): Router {
  const router = Router()
  router.use(express.raw({ type: () => true, limit: MAX_BODY_BYTES }))
  const handle: RequestHandler = async (request, response) => {
    const [path = '', query = ''] = split(request.url.slice(1), '?')
    const forwarded = forwardOf(plugin.routes, request.method, path, settings)
    if (forwarded === undefined)
      throw new ProblemError('not_found', `plugin.json has no route for ${request.method} ${path}`)
    const { reqAction } = forwarded.route
    if (reqAction !== undefined && !permissions.includes(reqAction))
      throw new ProblemError(
        'forbidden',
        `this needs the permission ${reqAction}, which your role does not have`,
      )
    if (!URL.canParse(forwarded.url))
      throw new ProblemError(
        'not_found',
        `the route ${forwarded.route.path} leads nowhere: its address is not set`,
      )
    const url = query === '' ? forwarded.url : `${forwarded.url}?${query}`
    const body: unknown = request.body
    const answer = await fetch(url, {
      method: request.method,
      headers: {
        ...forwarded.headers,
        accept: request.headers.accept ?? '*/*',
        'x-grafana-context': 'console',
        ...(Buffer.isBuffer(body) && {
          'content-type': request.headers['content-type'] ?? 'application/json',
        }),
      },
      ...(Buffer.isBuffer(body) && { body: new Uint8Array(body) }),
      // A redirect would carry the token to wherever it points.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((error: unknown) => {
      throw new ProblemError(
        'upstream_unreachable',
        `nothing answers at ${forwarded.url}: ${reasonOf(error)}`,
        {
          cause: error,
        },
      )
    })
    response.status(answer.status)
    for (const name of KEPT_HEADERS) {
      const value = answer.headers.get(name)
      if (value !== null) response.set(name, value)
    }
    response.send(Buffer.from(await answer.arrayBuffer()))
  }
  router.use(handle)
  return router
}

function split(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
