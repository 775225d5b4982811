import { getRandomValues } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { secureRng } from '@adf/federation/privacy'
import { answerJob } from '../scoring/training/job-answer.ts'
import { DutyCycle } from './duty-cycle.ts'
import { trainForRound } from './train.ts'
import type { TrainingJob, TrainingResult } from './training-job.ts'

const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

await answerJob(async (job: TrainingJob): Promise<TrainingResult> => {
  // The share of a core counts from the start of the process: loading is work too.
  const cycle = new DutyCycle({
    share: job.cpuShare,
    cpuMs,
    wallMs: () => 1000 * process.uptime(),
    sleep: (ms) => sleep(ms),
  })
  const result = await trainForRound(job, { rng: secureRng(getRandomValues), rest: cycle.rest })
  // Comparing at the end is work too.
  await cycle.rest()
  return { ...result, cpuMs: cpuMs() }
})
