import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Invitation } from '@adf/contract/federation'
import { FEDERATED_NETWORK, FEDERATED_STREAM, type Membership } from './membership.ts'
import { freePort } from './ports.ts'
import { DemoProcess } from './process.ts'
import { ready } from './ready.ts'

/** `adf federation` as a process of its own, with its database in a temporary folder. */
export class DemoFederationServer {
  readonly url: string
  readonly #process: DemoProcess
  readonly #folder: string

  private constructor(url: string, process: DemoProcess, folder: string) {
    this.url = url
    this.#process = process
    this.#folder = folder
  }

  /** @param features of the stream, in order @param sites that a round waits for */
  static async start(
    program: URL,
    { features, sites }: { readonly features: readonly string[]; readonly sites: number },
  ): Promise<DemoFederationServer> {
    const port = await freePort(8081)
    const folder = mkdtempSync(join(tmpdir(), 'adf-demo-federation-'))
    const config = join(folder, 'federation.yaml')
    // JSON is YAML.
    writeFileSync(
      config,
      JSON.stringify({
        log: { level: 'warn' },
        api: { port },
        store: { path: join(folder, 'federation.db') },
        federated: {
          coordinator: { min_clients_per_round: sites, gather: '1s', round_deadline: '2m' },
          // A few thousand vectors of four features: more of each round than where there are many rounds.
          training: { epochs: 4, batch_size: 16, learning_rate: 0.01 },
          // So few sites are too few to tell which of them is the odd one.
          poisoning_detection: { enabled: false },
          runs: { servers: { stream: FEDERATED_STREAM, features, kind: FEDERATED_NETWORK } },
        },
      }),
    )
    const process = new DemoProcess('adf federation', program, {
      args: ['federation', '--config', config],
      cwd: folder,
      env: { DEMO_FOLDER: folder },
    })
    process.standBack()
    const url = `http://127.0.0.1:${port}`
    const server = new DemoFederationServer(url, process, folder)
    try {
      await ready(process, url)
    } catch (error) {
      await server.stop()
      throw error
    }
    return server
  }

  /** As an operator would with `adf federation invite`. */
  async invite(name: string): Promise<Membership> {
    const response = await fetch(`${this.url}/api/invitations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
    })
    if (!response.ok)
      throw new Error(`${this.url}/api/invitations answered ${response.status}: ${await response.text()}`)
    return { url: this.url, name, token: Invitation.parse(await response.json()).token }
  }

  onUnexpectedExit(listener: (tail: string) => void): void {
    this.#process.onExit(() => listener(this.#process.tail))
  }

  async stop(): Promise<void> {
    await this.#process.stop({ signal: 'SIGTERM', graceMs: 5000 })
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
