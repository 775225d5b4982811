import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { Contestant } from '../contestant.ts'

const script = fileURLToPath(new URL('./peers.py', import.meta.url))

/** How to get what a peer needs. */
export const howToGet =
  'make a virtual environment with bench/src/quality/detection/peers/requirements.txt and name its Python in ADF_BENCH_PYTHON'

/** There is no Python to run the peers with. */
export class NoPython extends Error {
  override readonly name = 'NoPython'
}

/** Published detectors, run by Python. Throws NoPython. */
export async function peerContestants(env: {
  readonly ADF_BENCH_PYTHON?: string | undefined
}): Promise<Contestant[]> {
  const command = env.ADF_BENCH_PYTHON ?? 'python3'
  let names: string[]
  try {
    const { stdout } = await promisify(execFile)(command, [script, '--list'])
    names = z.array(z.string()).parse(JSON.parse(stdout))
  } catch (error) {
    throw new NoPython(`${command} does not run peers.py: ${howToGet}`, { cause: error })
  }
  return names.map((name) => ({ name, command, argv: (folder) => [script, name, folder], peer: true }))
}
