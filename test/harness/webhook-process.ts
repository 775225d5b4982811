import { join } from 'node:path'
import { type Running, run, temporaryFolder, until } from './process.ts'

export interface RunningWebhook {
  readonly url: string
  readonly process: Running
  json<T>(path: string): Promise<T>
  post(path: string, body: object): Promise<Response>
  /** Starts again on the same port and database. */
  restart(): Promise<RunningWebhook>
  stop(): Promise<void>
}

/** The Alertmanager webhook as a process of its own, with its database in a temporary folder. */
export function startWebhook(port: number, config: Record<string, unknown>): Promise<RunningWebhook> {
  return launch({ folder: temporaryFolder(), port, config })
}

/** Far longer than it takes: where cores are busy everything starts slowly. */
const START_MS = 180_000

interface Place {
  readonly folder: { readonly path: string; remove(): void }
  readonly port: number
  readonly config: Record<string, unknown>
}

async function launch(place: Place): Promise<RunningWebhook> {
  const { folder, port, config } = place
  const url = `http://127.0.0.1:${port}`
  const whole = { api: { port }, store: { path: join(folder.path, 'webhook.db') }, ...config }
  const program = join(import.meta.dirname, 'webhook.program.ts')
  const child = run(process.execPath, [program, JSON.stringify(whole)])
  const ended = child.exited.then((code) => {
    throw new Error(`the webhook ended with ${code}:\n${child.output()}`)
  })
  await Promise.race([
    until(`a webhook at ${url}`, async () => (await fetch(`${url}/ready`)).ok, START_MS),
    ended,
  ])
  ended.catch(() => {})
  return {
    url,
    process: child,
    json: async <T>(path: string) => {
      const response = await fetch(`${url}${path}`)
      if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`)
      return (await response.json()) as T
    },
    post: (path, body) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    async restart() {
      await child.stop('SIGKILL')
      return launch(place)
    },
    async stop() {
      await child.stop()
      folder.remove()
    },
  }
}
