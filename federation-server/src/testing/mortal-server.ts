import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { DurableStep } from '../coordinator/steps.ts'

/** Where a server ends. */
export type Fault = readonly [place: 'before' | 'after', step: DurableStep]

export interface MortalServer {
  readonly url: string
  /** Of the process that runs now. */
  readonly pid: number
  /** Lines of its log so far. */
  readonly log: readonly string[]
  /** Where it has ended so far. */
  readonly kills: readonly Fault[]
  stop(): Promise<void>
}

export interface MortalOptions {
  /** Of the database. */
  readonly path: string
  /** Sections of its configuration. */
  readonly coordinator: object
  readonly federated?: object
  /** One for each start, in this order; then it lives on. */
  readonly faults: readonly Fault[]
}

const program = fileURLToPath(new URL('./mortal-server.test-process.ts', import.meta.url))

/** Before and after each step. */
export const aroundEach = (steps: readonly DurableStep[]): Fault[] =>
  steps.flatMap((step) => (['before', 'after'] as const).map((place): Fault => [place, step]))

/** A server in a process of its own that kills itself at a step and is started again on the same port and database, to end at the next. */
export async function startMortalServer(options: MortalOptions): Promise<MortalServer> {
  const { path, coordinator, federated = {}, faults } = options
  const sections = [JSON.stringify(coordinator), JSON.stringify(federated)]
  const kills: Fault[] = []
  const log: string[] = []
  let stopping = false
  let port = 0
  let child: ChildProcess
  const { promise: listening, resolve } = Promise.withResolvers<string>()
  const start = () => {
    const fault = faults[kills.length]
    child = spawn(process.execPath, [program, path, `${port}`, ...sections, ...(fault ?? [])], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    createInterface(child.stdout!).once('line', (line) => {
      port = Number(new URL(line).port)
      resolve(line)
    })
    createInterface(child.stderr!).on('line', (line) => log.push(line))
    child.once('exit', (_, signal) => {
      if (stopping) return
      if (signal === 'SIGKILL' && fault !== undefined) kills.push(fault)
      start()
    })
  }
  start()
  return {
    url: await listening,
    get pid() {
      return child.pid ?? 0
    },
    log,
    kills,
    async stop() {
      stopping = true
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}
