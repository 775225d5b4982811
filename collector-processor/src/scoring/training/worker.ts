import { parentPort } from 'node:worker_threads'
import {
  buffersOf,
  type ClassifierJob,
  fitClassifier,
  type TrainingJob,
  type TrainingResult,
  train,
} from '@adf/detectors'

export interface Order {
  readonly id: number
  readonly job: TrainingJob | ClassifierJob
}

export interface Delivery {
  readonly id: number
  readonly result: TrainingResult | Uint8Array
}

/** Body of the training thread: one message per job in, one per result out; buffers are handed over, not copied. */
parentPort?.on('message', ({ id, job }: Order) => {
  if (job.kind === 'classifier') {
    deliver({ id, result: fitClassifier(job) }, [])
    return
  }
  const result = train(job)
  deliver({ id, result }, buffersOf(result))
})

const deliver = (delivery: Delivery, buffers: readonly ArrayBuffer[]) =>
  parentPort?.postMessage(delivery, [...buffers])
