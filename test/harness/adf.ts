import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sumOf } from './exposition.ts'
import { freePort, type Running, runAdf, temporaryFolder, until } from './process.ts'

export interface RunningAdf {
  readonly grpcPort: number
  readonly httpPort: number
  readonly api: string
  /** Where the console is; there when it was asked for. */
  readonly console: string | undefined
  /** Where the federation server is; there when it was asked for. */
  readonly federation: string | undefined
  /** The Alertmanager webhook in the same process; there when it was asked for. */
  readonly webhook: string | undefined
  readonly folder: string
  readonly process: Running
  get(path: string): Promise<Response>
  json<T>(path: string): Promise<T>
  /** Value of a Prometheus counter or gauge with these labels; the sum when several match, 0 when none does. */
  metric(name: string, labels?: Record<string, string>): Promise<number>
  kill(signal?: NodeJS.Signals): Promise<number | null>
  /** Starts again on the same ports, store and configuration. */
  restart(): Promise<RunningAdf>
  stop(): Promise<void>
}

export interface AdfOptions {
  readonly console?: boolean
  readonly webhook?: boolean
  readonly federated?: object
  /** What answers once it has started. */
  readonly ready?: '/ready' | '/health'
}

/**
 * `adf up` as a process of its own on free ports, with its store in a temporary folder. `config` is YAML-able JSON, merged over the ports. The console,
 * the Alertmanager webhook and the federation server (with this `federated` section) run in the same process when asked for.
 */
export async function startAdf(
  config: Record<string, unknown> = {},
  options: AdfOptions = {},
): Promise<RunningAdf> {
  const { console = false, webhook = false, federated, ready = '/ready' } = options
  const folder = temporaryFolder()
  const [grpcPort, httpPort, apiPort] = [await freePort(), await freePort(), await freePort()]
  const receiver = (config['receiver'] ?? {}) as Record<string, unknown>
  const file = join(folder.path, 'adf.yaml')
  writeFileSync(
    file,
    JSON.stringify({
      ...config,
      receiver: {
        ...receiver,
        grpc: { port: grpcPort, ...Object(receiver['grpc']) },
        http: { port: httpPort, ...Object(receiver['http']) },
      },
      api: { port: apiPort, ...Object(config['api']) },
      store: {
        ...('url' in Object(config['store']) ? {} : { path: join(folder.path, 'adf.db') }),
        ...Object(config['store']),
      },
    }),
  )
  const { port = apiPort } = Object(config['api']) as { port?: number }
  const consolePort = console ? await freePort() : undefined
  const webhookFile = webhook ? join(folder.path, 'webhook.yaml') : undefined
  const webhookPort = await freePort()
  if (webhookFile !== undefined)
    writeFileSync(
      webhookFile,
      JSON.stringify({ api: { port: webhookPort }, store: { path: join(folder.path, 'webhook.db') } }),
    )
  const federationPort = federated === undefined ? undefined : await freePort()
  const federationFile = join(folder.path, 'federation.yaml')
  if (federated !== undefined)
    writeFileSync(
      federationFile,
      JSON.stringify({
        api: { port: federationPort },
        store: { path: join(folder.path, 'federation.db') },
        federated,
      }),
    )
  return launch({
    folder,
    file,
    grpcPort,
    httpPort,
    consolePort,
    webhookFile,
    federation:
      federationPort === undefined
        ? undefined
        : { file: federationFile, url: `http://127.0.0.1:${federationPort}` },
    webhook: webhook ? `http://127.0.0.1:${webhookPort}` : undefined,
    api: `http://127.0.0.1:${port}`,
    ready,
  })
}

interface Place {
  readonly folder: { path: string; remove: () => void }
  readonly file: string
  readonly grpcPort: number
  readonly httpPort: number
  readonly consolePort: number | undefined
  readonly webhookFile: string | undefined
  readonly federation: { readonly file: string; readonly url: string } | undefined
  readonly webhook: string | undefined
  readonly api: string
  readonly ready: string
}

/** Far longer than it takes: where cores are busy everything starts slowly. */
const START_MS = 180_000

async function launch(place: Place): Promise<RunningAdf> {
  const { api, grpcPort, httpPort, consolePort, webhookFile, federation } = place
  const child = runAdf([
    'up',
    ...['--config', place.file, '--console', String(consolePort ?? 'off')],
    ...(webhookFile === undefined ? [] : ['--webhook', webhookFile]),
    ...(federation === undefined ? [] : ['--federation', federation.file]),
  ])
  const started = until(`adf up at ${api}`, async () => (await fetch(`${api}${place.ready}`)).ok, START_MS)
  const ended = child.exited.then((code) => {
    throw new Error(`adf up ended with ${code}:\n${child.output()}`)
  })
  ended.catch(() => {})
  await Promise.race([started, ended]).catch(async (error: unknown) => {
    await child.stop('SIGKILL')
    throw error
  })
  const get = (path: string) => fetch(`${api}${path}`)
  return {
    grpcPort,
    httpPort,
    api,
    console: consolePort === undefined ? undefined : `http://127.0.0.1:${consolePort}`,
    federation: federation?.url,
    webhook: place.webhook,
    folder: place.folder.path,
    process: child,
    get,
    json: async <T>(path: string) => {
      const response = await get(path)
      if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`)
      return (await response.json()) as T
    },
    metric: async (name, labels = {}) => sumOf(await (await get('/metrics')).text(), name, labels),
    kill: (signal: NodeJS.Signals = 'SIGKILL') => child.stop(signal),
    restart: () => launch(place),
    stop: async () => {
      await child.stop()
      place.folder.remove()
    },
  }
}
