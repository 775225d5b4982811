import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { FromServer, ServerArguments, ToServer } from './messages.ts'

const program = new URL('./main.ts', import.meta.url)

/** A federation server in a process of its own. */
export class ServerProcess {
  readonly pid: number
  readonly url: string
  /** Resolves to the signal that ended it. */
  readonly ended: Promise<string | undefined>
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, ended: Promise<string | undefined>, url: string) {
    this.#child = child
    this.pid = child.pid ?? 0
    this.url = url
    this.ended = ended
  }

  /** @returns undefined when it ended before it listened, as one does that was told to, or that `started` was used to kill */
  static async start(
    options: ServerArguments & { readonly started?: (child: ChildProcess) => void },
  ): Promise<ServerProcess | undefined> {
    const { started, ...args } = options
    const child = fork(program, [JSON.stringify(args)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // As packages/cli/bin/adf.mjs and the server's main.ts have them.
      execArgv: ['--max-semi-space-size=4', '--heap-growing-percent=50'],
    })
    const ended = once(child, 'exit').then(([, signal]) => signal ?? undefined)
    started?.(child)
    const first = await Promise.race([next(child, 'listening'), ended])
    return typeof first === 'object' && first.kind === 'listening'
      ? new ServerProcess(child, ended, first.url)
      : undefined
  }

  /** How long its event loop was held at most, in milliseconds, since the last time it was asked. */
  async longestDelayMs(): Promise<number> {
    const answer = next(this.#child, 'delay')
    this.#child.send('delay' satisfies ToServer)
    const message = await answer
    return message.kind === 'delay' ? message.longestMs : Number.NaN
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.send('stop' satisfies ToServer)
    await this.ended
  }
}

async function next(child: ChildProcess, kind: FromServer['kind']): Promise<FromServer> {
  for (;;) {
    const [message]: [FromServer] = (await once(child, 'message')) as [FromServer]
    if (message.kind === kind) return message
  }
}
