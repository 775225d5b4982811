import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

const bin = join(import.meta.dirname, '../../packages/cli/bin/adf.mjs')

/** Longest that is waited for the last words of a program that has ended. */
const READ_MS = 2000

/** A program under test, with everything that it printed. Stopped by its pid. */
export interface Running {
  readonly child: ChildProcess
  readonly output: () => string
  /** Resolves to the exit code, null when a signal ended it. */
  readonly exited: Promise<number | null>
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

export function run(
  file: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Running {
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  const chunks: string[] = []
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk))
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk))
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => {
      // What it wrote last may still be on its way; a child that it left behind may keep the pipes open.
      const read = setTimeout(resolve, READ_MS, code)
      child.once('close', () => {
        clearTimeout(read)
        resolve(code)
      })
    })
  })
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    return exited
  }
  return { child, output: () => chunks.join(''), exited, stop }
}

/** `adf …` as a process of its own. */
export const runAdf = (args: readonly string[], options: { env?: NodeJS.ProcessEnv; cwd?: string } = {}) =>
  run(bin, args, {
    ...options,
    // The first line of the program calls `node`: the one that runs the tests.
    env: { PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter), ...options.env },
  })

/** Polls until `condition` gives something other than undefined or false; throws with `what` after the limit. */
export async function until<T>(
  what: string,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + limitMs
  let last: unknown
  for (;;) {
    try {
      const value = await condition()
      if (value !== undefined && value !== false) return value
    } catch (error) {
      last = error
    }
    if (Date.now() > deadline) throw new Error(`waited ${limitMs} ms in vain for: ${what}`, { cause: last })
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

/** Ports that were given out lately: the system may offer one again before it is taken. */
const given: number[] = []
const REMEMBERED = 64

/** A TCP port that was free a moment ago, and is none of the latest ones. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  if (given.includes(address.port)) return freePort()
  given.push(address.port)
  if (given.length > REMEMBERED) given.shift()
  return address.port
}

export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'adf-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
