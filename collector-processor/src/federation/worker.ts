import { getRandomValues } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { secureRng } from '@adf/federation/privacy'
import { DutyCycle } from './duty-cycle.ts'
import { trainForRound } from './train.ts'
import type { TrainingOrder, TrainingResult } from './training-job.ts'

const { job, startedMs }: TrainingOrder = workerData
const cpuMs = () => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
const cycle = new DutyCycle({
  share: job.cpuShare,
  cpuMs,
  wallMs: () => performance.timeOrigin + performance.now() - startedMs,
  sleep: (ms) => sleep(ms),
})
const result = await trainForRound(job, { rng: secureRng(getRandomValues), rest: cycle.rest })
// Comparing at the end is work too.
await cycle.rest()
parentPort?.postMessage({ ...result, cpuMs: cpuMs() } satisfies TrainingResult)
