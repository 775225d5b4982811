import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface Run {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

/** Runs `adf` as people do, without the variables of whoever runs the tests. */
export async function runAdf(args: readonly string[], env: Record<string, string> = {}): Promise<Run> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^ADF_|COLOR/.test(name))
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../bin/adf.mjs'), ...args], {
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  const [status] = await once(child, 'close')
  return { status: typeof status === 'number' ? status : null, out, err }
}
