import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Order, Report } from '../runtime/control.ts'

const LEASH = new URL('./leash.ts', import.meta.url)

const MAX_TAIL = 4000

/** What this process was given, without what would set up telemetry, ADF or Node in other ways than the demo does. */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(OTEL_|ADF_|NODE_OPTIONS$)/.test(name)),
  )
}

/** A Node process of the demo, on its leash: it ends when this process does, even by SIGKILL. */
export class DemoProcess {
  readonly name: string
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  #tail = ''

  constructor(
    name: string,
    script: URL,
    options: {
      args?: readonly string[]
      imports?: readonly URL[]
      env?: NodeJS.ProcessEnv
      cwd?: string
    } = {},
  ) {
    this.name = name
    const imports = [LEASH, ...(options.imports ?? [])].flatMap((url) => ['--import', url.href])
    this.#child = spawn(process.execPath, [...imports, fileURLToPath(script), ...(options.args ?? [])], {
      // No standard input and output: a person's terminal belongs to the demo alone, and Ctrl-C too.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...inherited(), NODE_NO_WARNINGS: '1', ...options.env },
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      detached: true,
    })
    this.#exited = once(this.#child, 'exit')
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#tail = (this.#tail + text).slice(-MAX_TAIL)
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The end of what it wrote to standard error. */
  get tail(): string {
    return this.#tail
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Lets everything else on the machine go first. */
  standBack(): void {
    if (this.pid !== 0) setPriority(this.pid, constants.priority.PRIORITY_BELOW_NORMAL)
  }

  send(order: Order): void {
    if (this.#child.connected) this.#child.send(order, () => {})
  }

  /** Resolves when the process says that it is ready; rejects when it ends before. */
  async ready(timeoutMs: number): Promise<Report> {
    const ended = this.#exited.then(() => {
      throw new Error(`${this.name} ended while it was starting: ${this.#tail.trim() || 'it said nothing'}`)
    })
    const late = new Promise<never>((_resolve, reject) => {
      setTimeout(
        () => reject(new Error(`${this.name} was not ready in ${timeoutMs / 1000} s: ${this.#tail.trim()}`)),
        timeoutMs,
      ).unref()
    })
    const message = once(this.#child, 'message').then(([report]) => report as Report)
    return Promise.race([message, ended, late])
  }

  onExit(listener: () => void): void {
    void this.#exited.then(listener)
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  /**
   * Lets go of the leash, which ends the process, or sends SIGTERM first to one that has work to finish. SIGKILL to what has not gone in
   * time.
   */
  async stop(options: { signal?: NodeJS.Signals; graceMs?: number } = {}): Promise<void> {
    if (!this.running) return
    if (options.signal) this.#child.kill(options.signal)
    else if (this.#child.connected) this.#child.disconnect()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), options.graceMs ?? 3000)
    await this.#exited
    clearTimeout(timer)
  }
}
