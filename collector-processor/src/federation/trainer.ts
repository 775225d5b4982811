import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { TrainingJob, TrainingOrder, TrainingResult } from './training-job.ts'

/** Trains for rounds; at most one job at a time. */
export interface RoundTrainer {
  /** @throws what the training threw; the reason of the signal when it is aborted */
  train(job: TrainingJob, signal: AbortSignal): Promise<TrainingResult>
}

/** Trains each job in a thread of its own that ends with it. */
export class ThreadTrainer implements RoundTrainer {
  readonly #script = new URL('./worker.ts', import.meta.url)

  async train(job: TrainingJob, signal: AbortSignal): Promise<TrainingResult> {
    signal.throwIfAborted()
    const order: TrainingOrder = { job, startedMs: performance.timeOrigin + performance.now() }
    const worker = new Worker(this.#script, { name: 'adf-federation', workerData: order })
    const stop = () => void worker.terminate()
    signal.addEventListener('abort', stop, { once: true })
    try {
      const answered = once(worker, 'message')
      const ended = once(worker, 'exit').then(() => undefined)
      const message = await Promise.race([answered, ended])
      answered.catch(() => {})
      signal.throwIfAborted()
      if (message === undefined) throw new Error('the thread that trains for a round ended without a result')
      const [result]: TrainingResult[] = message
      return result!
    } finally {
      signal.removeEventListener('abort', stop)
      await worker.terminate()
    }
  }
}
