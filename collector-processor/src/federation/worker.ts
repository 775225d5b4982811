import { getRandomValues } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { secureRng } from '@adf/federation'
import { DutyCycle } from './duty-cycle.ts'
import { trainForRound } from './train.ts'
import type { TrainingJob, TrainingResult } from './training-job.ts'

const job: TrainingJob = workerData
const cycle = new DutyCycle({
  share: job.cpuShare,
  cpuMs: () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  },
  wallMs: () => performance.now(),
  sleep: (ms) => sleep(ms),
})
const result = await trainForRound(job, { rng: secureRng(getRandomValues), rest: cycle.rest })
parentPort?.postMessage({ ...result, cpuMs: cycle.usedMs } satisfies TrainingResult)
