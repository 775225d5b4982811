import { once } from 'node:events'
import { constants, setPriority } from 'node:os'

/** What a process that was given a job sends back. */
export type JobAnswer<Result> = { readonly result: Result } | { readonly failure: string }

/**
 * Body of a process that `runInProcess` starts: takes one job and answers it. It yields to the processor, whose signals it leaves to it, and
 * ends when the processor has.
 */
export async function answerJob<Job, Result>(work: (job: Job) => Promise<Result>): Promise<void> {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
  process.once('disconnect', () => process.exit())
  const [job]: Job[] = await once(process, 'message')
  if (job === undefined) return
  let answer: JobAnswer<Result>
  try {
    answer = { result: await work(job) }
  } catch (error) {
    answer = { failure: error instanceof Error ? error.message : String(error) }
  }
  process.send?.(answer)
}
