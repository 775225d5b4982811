import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export interface RunningAdf {
  readonly url: string
  readonly otlp: string
  /** The configuration that it was started with, for another command. */
  readonly settings: readonly string[]
  stop(): Promise<void>
}

/** `adf up` as a process, on free ports, with its store in a folder; ready when this resolves. */
export async function startAdf(folder: string, settings: readonly string[] = []): Promise<RunningAdf> {
  const [grpc, http, api] = [await freePort(), await freePort(), await freePort()]
  const all = [
    `receiver.grpc.port=${grpc}`,
    `receiver.http.port=${http}`,
    `api.port=${api}`,
    `store.path=${join(folder, 'adf.db')}`,
    'log.level=warn',
    ...settings,
  ].flatMap((setting) => ['--set', setting])
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../bin/adf.mjs'), 'up', ...all], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const ended = once(child, 'exit')
  const url = `http://127.0.0.1:${api}`
  while (child.exitCode === null) {
    const answer = await fetch(`${url}/ready`).catch(() => undefined)
    if (answer?.ok) break
    await sleep(50)
  }
  if (child.exitCode !== null) throw new Error(`adf up ended with ${child.exitCode}`)
  return {
    url,
    otlp: `http://127.0.0.1:${http}`,
    settings: all,
    async stop() {
      child.kill()
      await ended
    },
  }
}
