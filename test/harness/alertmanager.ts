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

/** A real Alertmanager on a free port, without gossip. @param notify URL that it posts notifications to, at once; left out: it notifies nobody */
export async function startAlertmanager(notify?: string) {
  const program = findServer('alertmanager')
  if (program === undefined) throw new Error('alertmanager is not installed')
  const folder = temporaryFolder()
  const port = await freePort()
  const config = join(folder.path, 'alertmanager.yml')
  writeFileSync(config, JSON.stringify(configOf(notify)))
  const server = run(program, [
    `--config.file=${config}`,
    `--storage.path=${join(folder.path, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
  ])
  const url = `http://127.0.0.1:${port}`
  await until(`Alertmanager at ${url}`, async () => (await fetch(`${url}/-/ready`)).ok)
  return {
    url,
    alerts: async (): Promise<GettableAlert[]> => {
      const response = await fetch(`${url}/api/v2/alerts`)
      return (await response.json()) as GettableAlert[]
    },
    stop: async () => {
      await server.stop()
      folder.remove()
    },
  }
}

/** YAML reads JSON. */
const configOf = (notify: string | undefined) => ({
  route: { receiver: 'it', group_by: ['...'], group_wait: '0s', group_interval: '1s', repeat_interval: '1h' },
  receivers: [{ name: 'it', ...(notify !== undefined && { webhook_configs: [{ url: notify }] }) }],
})
