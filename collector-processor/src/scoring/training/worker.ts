import { parentPort } from 'node:worker_threads'
import { type TrainingJob, train } from '@adf/detectors'

/** Body of the training thread: one message per job in, one per result out; buffers are handed over, not copied. */
parentPort?.on('message', ({ id, job }: { id: number; job: TrainingJob }) => {
  const result = train(job)
  const transfer = [result.calibration.buffer, result.learned?.raw.buffer, result.learned?.model.buffer]
  parentPort?.postMessage(
    { id, result },
    transfer.filter((buffer) => buffer instanceof ArrayBuffer),
  )
})
