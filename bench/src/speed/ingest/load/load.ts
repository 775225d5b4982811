import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Cell } from './cell.ts'

/** The generator process while it sends. */
export interface Load {
  /** Records that the server took so far. */
  taken(): Promise<number>
  stop(): Promise<void>
}

export function startLoad({ signal, protocol, gzip, size }: Cell, port: number): Load {
  const args = [signal, protocol, gzip ? 'gzip' : 'none', String(size), String(port)]
  const child = fork(join(import.meta.dirname, 'generator.ts'), args)
  const failed = exitOf(child)
  failed.catch(() => {})
  return {
    taken: async () => {
      child.send('count')
      const [count] = await Promise.race([once(child, 'message'), failed])
      return Number(count)
    },
    stop: async () => {
      const exited = once(child, 'exit')
      child.send('stop')
      await exited
    },
  }
}

/** The endpoint process of the forward cases. */
export async function startEndpoint(): Promise<{ port: number; stop: () => void }> {
  const child = fork(join(import.meta.dirname, 'endpoint.ts'))
  const [port] = await once(child, 'message')
  return { port: Number(port), stop: () => child.disconnect() }
}

async function exitOf(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit')
  throw new Error(`the load generator ended with ${code}`)
}
