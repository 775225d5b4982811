import {
  type ClassifierJob,
  fitClassifier,
  type TrainingJob,
  type TrainingResult,
  train,
} from '@adf/detectors'

/** Runs training jobs. `done` is called once per job, with undefined when the job was lost; the caller asks again later. */
export interface Trainer {
  start(): Promise<void>
  stop(): Promise<void>
  /** Takes over the job's buffers. */
  submit(job: TrainingJob, done: (result: TrainingResult | undefined) => void): void
  /** Gives the file of the classifier. */
  classify(job: ClassifierJob, done: (model: Uint8Array | undefined) => void): void
}

/** Trains at once, in the caller: deterministic. */
export class InlineTrainer implements Trainer {
  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  submit(job: TrainingJob, done: (result: TrainingResult | undefined) => void): void {
    done(train(job))
  }
  classify(job: ClassifierJob, done: (model: Uint8Array | undefined) => void): void {
    done(fitClassifier(job))
  }
}
