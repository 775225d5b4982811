import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { z } from 'zod'

const lineSchema = z.union([
  z.object({ case: z.number(), cpu_s: z.number(), rss_mb: z.number() }),
  z.object({ missing: z.string() }),
])

/** What a case cost: CPU time, and the peak of the resident memory until then. */
export interface Cost {
  readonly cpuS: number
  readonly rssMb: number
}

export type ChildResult = { readonly missing: string } | { readonly missing: undefined }

const LAST_WORDS = 2000

/**
 * Runs a process that scores the cases of a folder (see folder.ts) and says each in a line of JSON on stdout. Resolves to what is
 * missing when it cannot run here. Rejects when it fails in any other way.
 */
export async function runChild(
  command: string,
  argv: readonly string[],
  onCase: (index: number, cost: Cost) => void,
): Promise<ChildResult> {
  const child = spawn(command, argv, { stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = () => child.kill()
  process.once('exit', stop)
  let missing: string | undefined
  let failure: unknown
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-LAST_WORDS)
  })
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    try {
      const said = lineSchema.parse(JSON.parse(line))
      if ('missing' in said) missing = said.missing
      else onCase(said.case, { cpuS: said.cpu_s, rssMb: said.rss_mb })
    } catch (error) {
      failure ??= error
      child.kill()
    }
  })
  try {
    const [code] = await new Promise<[number | null]>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (status) => resolve([status]))
    })
    if (failure !== undefined) throw failure
    if (missing !== undefined) return { missing }
    if (code !== 0) throw new Error(`${command} ${argv.join(' ')} ended with ${code}: ${words.trim()}`)
    return { missing: undefined }
  } finally {
    process.off('exit', stop)
  }
}
