import { runInProcess } from '../scoring/training/job-process.ts'
import type { TrainingJob, TrainingResult } from './training-job.ts'

/** Trains for rounds; at most one job at a time. */
export interface RoundTrainer {
  /** @throws what the training threw; the reason of the signal when it is aborted */
  train(job: TrainingJob, signal: AbortSignal): Promise<TrainingResult>
}

/** Trains each job in a process of its own that ends with it. */
export class ProcessTrainer implements RoundTrainer {
  readonly #script = new URL('./training-process.ts', import.meta.url)

  train(job: TrainingJob, signal: AbortSignal): Promise<TrainingResult> {
    return runInProcess(this.#script, job, signal)
  }
}
