import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exampleStreams } from '../simulate/streams.ts'
import { FEDERATED_NETWORK, FEDERATED_STREAM, federationSection, type Membership } from './membership.ts'
import { freePort } from './ports.ts'
import { DemoProcess } from './process.ts'
import { ready } from './ready.ts'

/** Another site of the federation: an `adf up` of its own that has servers to watch, and no shop. */
export class Branch {
  readonly name: string
  readonly api: string
  readonly #process: DemoProcess
  readonly #folder: string

  private constructor(name: string, api: string, process: DemoProcess, folder: string) {
    this.name = name
    this.api = api
    this.#process = process
    this.#folder = folder
  }

  static async start(program: URL, membership: Membership): Promise<Branch> {
    const { name } = membership
    const [grpc, http, port] = [await freePort(), await freePort(), await freePort()]
    const folder = mkdtempSync(join(tmpdir(), 'adf-demo-branch-'))
    const config = join(folder, 'adf.yaml')
    // JSON is YAML.
    writeFileSync(
      config,
      JSON.stringify({
        log: { level: 'warn' },
        receiver: { grpc: { port: grpc }, http: { port: http } },
        api: { port },
        // Here the network has a say.
        edge: { detection: { detectors: ['robust', FEDERATED_NETWORK, 'rules'] } },
        streams: { [FEDERATED_STREAM]: exampleStreams()[FEDERATED_STREAM] },
        federation: federationSection(membership, folder),
        store: { path: join(folder, 'adf.db') },
      }),
    )
    const process = new DemoProcess(`adf up of ${name}`, program, {
      args: ['up', '--config', config, '--console', 'off'],
      cwd: folder,
      env: { DEMO_FOLDER: folder },
    })
    process.standBack()
    const api = `http://127.0.0.1:${port}`
    const branch = new Branch(name, api, process, folder)
    try {
      await ready(process, api)
    } catch (error) {
      await branch.stop()
      throw error
    }
    return branch
  }

  onUnexpectedExit(listener: (tail: string) => void): void {
    this.#process.onExit(() => listener(this.#process.tail))
  }

  async stop(): Promise<void> {
    await this.#process.stop({ signal: 'SIGTERM', graceMs: 5000 })
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
