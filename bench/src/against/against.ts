import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { Benchmark, Row } from '../suite.ts'
import { type Compared, compared } from './comparison.ts'
import { addWorktree } from './worktree.ts'

const Rows = z.array(
  z.object({
    suite: z.string(),
    case: z.string(),
    subject: z.string(),
    measure: z.string(),
    // JSON has no infinity.
    value: z
      .number()
      .nullable()
      .transform((value) => value ?? Number.POSITIVE_INFINITY),
  }),
)

export interface AgainstOptions {
  readonly root: string
  /** What git calls the other version. */
  readonly ref: string
  readonly pairs: number
  /** Passed on to each run. */
  readonly flags: readonly string[]
  readonly progress: (text: string) => void
}

/**
 * Runs a benchmark of this tree and that of another version in turns, each in a process of its own; which of them begins changes from pair to pair. Throws NoWorktree, and an
 * Error when a run fails or measures nothing.
 */
export async function against({ suite, name }: Benchmark, options: AgainstOptions): Promise<Compared[]> {
  const { root, ref, pairs, flags, progress } = options
  const other = addWorktree(root, ref)
  try {
    const run = (tree: string) => rowsFrom(tree, [suite, '--only', name, ...flags])
    const measured = []
    for (let pair = 1; pair <= pairs; pair++) {
      progress(`${suite}/${name}: pair ${pair} of ${pairs}, here and ${other.commit}`)
      const first = pair % 2 === 1 ? await run(other.folder) : undefined
      const after = await run(root)
      measured.push({ before: first ?? (await run(other.folder)), after })
    }
    return compared(measured)
  } finally {
    other.remove()
  }
}

async function rowsFrom(tree: string, args: readonly string[]): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'adf-against-rows-'))
  const file = join(folder, 'rows.json')
  try {
    const program = join(tree, 'bench/src/main.ts')
    const child = spawn(process.execPath, [program, ...args, '--json', file], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const said: Buffer[] = []
    child.stderr.on('data', (chunk) => said.push(chunk))
    const [code] = await once(child, 'close')
    if (code !== 0)
      throw new Error(
        `bench ${args.join(' ')} in ${tree} ended with ${code}: ${Buffer.concat(said).toString().slice(-2000)}`,
      )
    return Rows.parse(JSON.parse(readFileSync(file, 'utf8')))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
