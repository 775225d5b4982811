import { fork } from 'node:child_process'
import { once } from 'node:events'

/** What a program of its own sends when it has measured: nothing else of this process is in its CPU time and memory. */
export async function measuredBy(program: URL, args: readonly string[]): Promise<unknown> {
  // V8 throws code away that has not run for a while: megabytes, at times that fall between two looks at the memory.
  const child = fork(program, args, { execArgv: ['--expose-gc', '--no-flush-bytecode'] })
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the measured process ended with ${code}`)
  })
  const [message] = await Promise.race([once(child, 'message'), exited])
  exited.catch(() => {})
  return message
}

/** The upper one of an even number. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
