import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { JobAnswer } from './job-answer.ts'

/**
 * Has a job done in a process of its own that ends with it (docs/adr/0009-networks-train-in-a-process.md).
 * @param script calls `answerJob` @param job plain data: it is copied
 * @throws Error with the message of what the work threw, or that the process ended without an answer; the reason of the signal when it is aborted
 */
export async function runInProcess<Job extends object, Result>(
  script: URL,
  job: Job,
  signal: AbortSignal,
): Promise<Result> {
  signal.throwIfAborted()
  const child = fork(script, {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(message))
    child.once('exit', (code, by) => resolve(by === null ? `with code ${code}` : `by ${by}`))
  })
  const kill = () => child.kill('SIGKILL')
  signal.addEventListener('abort', kill, { once: true })
  try {
    const answered = once(child, 'message')
    answered.catch(() => {})
    // A process that is gone before it has the job says so by its end.
    child.send(job, () => {})
    const first = await Promise.race([answered, ended])
    signal.throwIfAborted()
    if (typeof first === 'string') throw new Error(`the training process ended without an answer, ${first}`)
    const [answer]: JobAnswer<Result>[] = first
    if (answer === undefined || 'failure' in answer) throw new Error(answer?.failure)
    return answer.result
  } finally {
    signal.removeEventListener('abort', kill)
    kill()
    await ended
  }
}
