import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, run, temporaryFolder, until } from './process.ts'
import { findServer } from './servers.ts'

interface GettableAlert {
  readonly labels: Record<string, string>
  readonly annotations: Record<string, string>
  readonly startsAt: string
  readonly endsAt: string
  readonly generatorURL: string
  readonly status: { readonly state: string }
}

const NOBODY = 'route: { receiver: none }\nreceivers: [{ name: none }]\n'

/**
 * A real Alertmanager on a free port. It notifies nobody and is alone, unless it has a configuration of its own, a port for gossip, and peers to gossip
 * with.
 */
export async function startAlertmanager({
  config: text = NOBODY,
  gossip,
  peers = [],
}: {
  config?: string
  gossip?: number
  peers?: readonly number[]
} = {}) {
  const program = findServer('alertmanager')
  if (program === undefined) throw new Error('alertmanager is not installed')
  const folder = temporaryFolder()
  const port = await freePort()
  const config = join(folder.path, 'alertmanager.yml')
  writeFileSync(config, text)
  const server = run(program, [
    `--config.file=${config}`,
    `--storage.path=${join(folder.path, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    `--cluster.listen-address=${gossip === undefined ? '' : `127.0.0.1:${gossip}`}`,
    ...peers.map((peer) => `--cluster.peer=127.0.0.1:${peer}`),
  ])
  const url = `http://127.0.0.1:${port}`
  await until(`Alertmanager at ${url}`, async () => (await fetch(`${url}/-/ready`)).ok)
  return {
    url,
    alerts: async (): Promise<GettableAlert[]> => {
      const response = await fetch(`${url}/api/v2/alerts`)
      return (await response.json()) as GettableAlert[]
    },
    post: async (alerts: readonly object[]): Promise<void> => {
      const response = await fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alerts),
      })
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
    },
    silence: async (silence: object): Promise<void> => {
      const response = await fetch(`${url}/api/v2/silences`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(silence),
      })
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
    },
    stop: async () => {
      await server.stop()
      folder.remove()
    },
  }
}
