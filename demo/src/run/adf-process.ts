import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DemoProcess } from './process.ts'
import { until } from './until.ts'

const START_TIMEOUT_MS = 30_000
const STOP_MS = 5000

export interface AdfCommand {
  readonly name: string
  /** The `adf` program. */
  readonly program: URL
  /** Where it answers once it runs. */
  readonly url: string
  /** Lets everything else on the machine go first. */
  readonly standsBack?: boolean
  /** Configurations by the name of their file, which lies in `folder`, as what it stores shall. */
  readonly configs: (folder: string) => Readonly<Record<string, object>>
  /** They name its files without a folder. */
  readonly args: readonly string[]
}

/** An `adf` command as a process of its own, with its configuration and all it stores in a temporary folder. */
export class AdfProcess {
  readonly url: string
  readonly #process: DemoProcess
  readonly #folder: string

  private constructor({ name, program, url, standsBack, configs, args }: AdfCommand) {
    const folder = mkdtempSync(join(tmpdir(), 'adf-demo-'))
    // JSON is YAML.
    for (const [file, config] of Object.entries(configs(folder)))
      writeFileSync(join(folder, file), JSON.stringify(config))
    this.url = url
    this.#folder = folder
    this.#process = new DemoProcess(name, program, { args, cwd: folder, env: { DEMO_FOLDER: folder } })
    if (standsBack === true) this.#process.standBack()
  }

  /** Resolves once it is ready. Rejects when it ends before, with its last words, or with TimedOut. */
  static async start(command: AdfCommand): Promise<AdfProcess> {
    const started = new AdfProcess(command)
    try {
      await started.#ready()
    } catch (error) {
      await started.stop()
      throw error
    }
    return started
  }

  get pid(): number {
    return this.#process.pid
  }

  /** @param listener gets the end of what it wrote to standard error */
  onUnexpectedExit(listener: (tail: string) => void): void {
    this.#process.onExit(() => listener(this.#process.tail))
  }

  async stop(): Promise<void> {
    await this.#process.stop({ signal: 'SIGTERM', graceMs: STOP_MS })
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #ready(): Promise<unknown> {
    const { name } = this.#process
    const answers = async () => {
      if (!this.#process.running)
        throw new Error(`${name} ended while it was starting: ${this.#process.tail.trim()}`)
      const response = await fetch(`${this.url}/ready`).catch(() => undefined)
      return response?.ok || undefined
    }
    return until(name, answers, { timeoutMs: START_TIMEOUT_MS })
  }
}
