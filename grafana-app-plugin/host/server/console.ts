import { join } from 'node:path'
import {
  type Component,
  createHttpListener,
  type Logger,
  ProblemError,
  problemHandler,
  safeHeaders,
  TokenAuthority,
  unknownRoute,
} from '@adf/service'
import express, { type Express, type RequestHandler } from 'express'
import { BUILT } from './built.ts'
import { serveNested } from './nested.ts'
import { ownOrigin } from './origin.ts'
import { type BootData, CONTENT_SECURITY_POLICY, pageOf, pagesOf } from './page.ts'
import { permissionsOf, type Role, readPluginJson } from './plugin-json.ts'
import { type ProxyOptions, pluginProxy } from './proxy.ts'
import { proxyUpgrades } from './upgrade.ts'

export interface ConsoleOptions {
  /** On 127.0.0.1; 0 takes a free one. */
  readonly port: number
  /** The processor's API, without a slash at its end. */
  readonly apiUrl: string
  /** The Alertmanager webhook's API, where there is one. */
  readonly webhookUrl?: string
  /** The federation server's API, where there is one. */
  readonly federationUrl?: string
  /** Bearer token for all of them; left out where they need none. */
  readonly apiToken?: string
  /** What the person at the console may do, by the roles of plugin.json. */
  readonly role?: Role
  readonly version: string
  /** Folders of the built app and page. */
  readonly built?: typeof BUILT
  readonly log: Logger
}

export interface Console extends Component {
  readonly port: number
  readonly url: string
}

/** Names in the settings of the app. */
const TOKENS = ['apiToken', 'webhookToken', 'federationToken']
const YEAR_SECONDS = 31_536_000

/** The console: the built app in a page of its own, for those without Grafana. It listens on loopback only. */
export function createConsole(options: ConsoleOptions): Console {
  const { log, port } = options
  const { handler, proxied } = handlerOf(options)
  const http = createHttpListener({
    name: 'console',
    listener: { host: '127.0.0.1', port },
    handler,
    auth: new TokenAuthority(),
    insecure: false,
    log,
  })
  let cut = () => {}
  return {
    name: 'console',
    start: async () => {
      await http.start()
      if (http.server !== undefined) cut = proxyUpgrades(http.server, proxied)
    },
    stop: () => {
      cut()
      return http.stop()
    },
    get port() {
      return http.port
    },
    get url() {
      return http.url
    },
  }
}

/** Separate from listening, so that what it answers can be told of requests alone. */
function handlerOf(options: ConsoleOptions): { handler: Express; proxied: ProxyOptions } {
  const { apiUrl, webhookUrl, federationUrl, apiToken, role = 'Admin', version, built = BUILT, log } = options
  const plugin = readPluginJson(join(built.app, 'plugin.json'))
  const permissions = permissionsOf(plugin, role)
  const jsonData = {
    apiUrl,
    ...(webhookUrl !== undefined && { webhookUrl }),
    ...(federationUrl !== undefined && { federationUrl }),
  }
  const tokens = apiToken === undefined ? [] : TOKENS.map((name) => [name, apiToken] as const)
  const boot: BootData = { version, apiUrl, role, permissions, pages: pagesOf(plugin, role) }
  const page = pageOf(boot)

  const app = express()
  app.disable('x-powered-by').set('query parser', 'simple').set('etag', false)
  app.use(safeHeaders, ownOrigin, policy)
  app.get('/api/plugins/adf-app/settings', (_request, response) => {
    response.json({
      id: plugin.id,
      name: plugin.name,
      type: 'app',
      info: plugin.info,
      includes: plugin.includes,
      module: 'public/plugins/adf-app/module.js',
      baseUrl: 'public/plugins/adf-app',
      enabled: true,
      pinned: true,
      jsonData,
      secureJsonFields: Object.fromEntries(TOKENS.map((name) => [name, apiToken !== undefined])),
    })
  })
  app.post('/api/plugins/adf-app/settings', () => {
    throw new ProblemError('forbidden', 'the settings of the console come from the command that started it')
  })
  const settings = { JsonData: jsonData, SecureJsonData: Object.fromEntries(tokens) }
  const proxied = { plugin, settings, permissions }
  app.use('/api/plugin-proxy/adf-app', pluginProxy(proxied))
  app.use('/public/plugins/adf-app', files(built.app))
  serveNested(app, built.app, files, settings)
  app.use('/public/build/img', files(join(built.host, 'img')))
  app.use('/console', files(built.host))
  app.get('/health', (_request, response) => response.json({ status: 'ok' }))
  app.get(
    [
      '/',
      '/a/adf-app',
      '/a/adf-app/*rest',
      '/plugins/adf-app',
      '/incidents/:id',
      '/panels/:id',
      '/explore',
      '/connections/datasources/edit/adf',
    ],
    (_request, response) => {
      response.type('html').send(page)
    },
  )
  app.use(unknownRoute)
  app.use(problemHandler(log))
  return { handler: app, proxied }
}

/** Names of chunks come from their content: kept for good. The others are asked for again each time. */
const files = (folder: string): RequestHandler =>
  express.static(folder, {
    index: false,
    redirect: false,
    fallthrough: true,
    setHeaders: (response, path) => {
      const byContent = /[/\\][0-9a-f]{16,20}\.js$/.test(path)
      response.setHeader(
        'cache-control',
        byContent ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache',
      )
    },
  })

const policy: RequestHandler = (_request, response, next) => {
  response.set({ 'content-security-policy': CONTENT_SECURITY_POLICY, 'referrer-policy': 'no-referrer' })
  next()
}
