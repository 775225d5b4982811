import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { freePort } from './ports.ts'
import { DemoProcess } from './process.ts'
import { until } from './until.ts'

/** Where an alert can be seen to arrive. */
export class Alertmanager {
  readonly url: string
  readonly #stop: () => Promise<void>
  /** Fingerprint -> when it was first seen, ms, and its text. */
  readonly #seen = new Map<string, { readonly at: number; readonly text: string }>()
  #watching: NodeJS.Timeout | undefined
  #stopped = false

  private constructor(url: string, stop: () => Promise<void>) {
    this.url = url
    this.#stop = stop
  }

  /** One that runs already. */
  static at(url: string): Alertmanager {
    return new Alertmanager(url.replace(/\/$/, ''), async () => {})
  }

  /** One of our own, when the program is on this machine; else undefined. What it hears it tells the webhook there. */
  static async startIfInstalled(webhook: string): Promise<Alertmanager | undefined> {
    const program = findProgram(['prometheus-alertmanager', 'alertmanager'])
    if (!program) return undefined
    const folder = mkdtempSync(join(tmpdir(), 'adf-demo-alertmanager-'))
    const config = join(folder, 'alertmanager.yml')
    // JSON is YAML.
    writeFileSync(
      config,
      JSON.stringify({
        route: { receiver: 'adf', group_by: ['...'], group_wait: '1s', group_interval: '5s' },
        receivers: [
          {
            name: 'adf',
            webhook_configs: [{ url: `${webhook}/webhook/alertmanager`, send_resolved: true }],
          },
        ],
      }),
    )
    const port = await freePort(9093)
    const url = `http://127.0.0.1:${port}`
    const process = new DemoProcess('alertmanager', new URL('./guard.ts', import.meta.url), {
      args: [
        program,
        `--config.file=${config}`,
        `--storage.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
        '--log.level=error',
      ],
      env: { DEMO_FOLDER: folder },
    })
    const stop = async () => {
      await process.stop()
      rmSync(folder, { recursive: true, force: true })
    }
    try {
      await until(
        'Alertmanager',
        async () => {
          if (!process.running) throw new Error(`alertmanager ended: ${process.tail.trim()}`)
          return (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok || undefined
        },
        { timeoutMs: 15_000 },
      )
    } catch (error) {
      await stop()
      throw error
    }
    return new Alertmanager(url, stop)
  }

  /** Notes when each alert is first there. */
  watch(now: () => number): void {
    const look = async () => {
      const response = await fetch(`${this.url}/api/v2/alerts`).catch(() => undefined)
      const at = now()
      const alerts: unknown = response?.ok ? await response.json() : []
      for (const alert of Array.isArray(alerts) ? alerts : []) {
        const { fingerprint } = alert as { fingerprint: string }
        if (!this.#seen.has(fingerprint)) this.#seen.set(fingerprint, { at, text: JSON.stringify(alert) })
      }
      if (!this.#stopped) this.#watching = setTimeout(look, 50)
    }
    void look()
  }

  /** When the alert of this incident was first seen, ms; undefined when it was not. */
  seenAt(incidentId: string): number | undefined {
    const times = [...this.#seen.values()].filter(({ text }) => text.includes(incidentId)).map(({ at }) => at)
    return times.length > 0 ? Math.min(...times) : undefined
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#watching)
    await this.#stop()
  }
}

function findProgram(names: readonly string[]): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin']
  for (const folder of folders) {
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK)
        return join(folder, name)
      } catch {}
    }
  }
  return undefined
}
