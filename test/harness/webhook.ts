import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, runAdf, temporaryFolder, until } from './process.ts'

/** `adf webhook` as a process of its own, on a free port, with a store in a folder of its own. */
export async function startWebhook(
  config: object = {},
  { folder = temporaryFolder(), port }: { folder?: ReturnType<typeof temporaryFolder>; port?: number } = {},
) {
  const at = port ?? (await freePort())
  const file = join(folder.path, 'webhook.json')
  const settings = { api: { port: at }, store: { path: join(folder.path, 'webhook.db') }, ...config }
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(settings))
  const process = runAdf(['webhook', '--config', file])
  const url = `http://127.0.0.1:${at}`
  await until(`the webhook at ${url}`, async () => (await fetch(`${url}/ready`)).ok, 180_000)
  return {
    url,
    port: at,
    folder,
    process,
    json: async (path: string): Promise<unknown> => (await fetch(`${url}${path}`)).json(),
    metric: async (name: string) => {
      const text = await (await fetch(`${url}/metrics`)).text()
      return Number(
        text
          .split('\n')
          .find((line) => line.startsWith(name))
          ?.split(' ')
          .at(-1) ?? 0,
      )
    },
    stop: async () => {
      await process.stop()
      folder.remove()
    },
  }
}
