import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { answerJob } from './job-answer.ts'
import { runInProcess } from './job-process.ts'

export type TestJob =
  | { readonly kind: 'sum'; readonly values: Float32Array }
  | { readonly kind: 'throw' | 'crash' | 'leave' }
  /** Tells its process id, and waits. */
  | { readonly kind: 'wait'; readonly pidFile: string }
  /** Gives another process the job to wait. */
  | { readonly kind: 'delegate'; readonly pidFile: string }

const script = new URL(import.meta.url)

await answerJob(async (job: TestJob) => {
  switch (job.kind) {
    case 'sum':
      return { sum: job.values.reduce((sum, value) => sum + value, 0), values: job.values }
    case 'throw':
      throw new RangeError('no such job')
    case 'crash':
      process.kill(process.pid, 'SIGTRAP')
      return sleep(60_000)
    case 'leave':
      return process.exit(3)
    case 'wait':
      writeFileSync(job.pidFile, String(process.pid))
      return sleep(60_000)
    case 'delegate':
      return runInProcess(script, { ...job, kind: 'wait' }, new AbortController().signal)
  }
})
