import { parentPort } from 'node:worker_threads'
import { buffersOf, type TrainingJob, train } from '@adf/detectors'

/** Body of the training thread: one message per job in, one per result out; buffers are handed over, not copied. */
parentPort?.on('message', ({ id, job }: { id: number; job: TrainingJob }) => {
  const result = train(job)
  parentPort?.postMessage({ id, result }, buffersOf(result))
})
