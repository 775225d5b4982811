import { type Detector, fitCalibration, RobustDetector, type RobustOptions } from '@adf/detectors'

export type TrainingJob = WarmUpJob | RefitJob

/** Learn an entity from scratch. */
interface WarmUpJob {
  readonly kind: 'warm_up'
  readonly options: RobustOptions
  /** Vectors one after the other, oldest first. */
  readonly vectors: Float64Array
}

/** Fit the calibration anew. */
interface RefitJob {
  readonly kind: 'refit'
  /** Raw scores of vectors that counted as normal, oldest first. */
  readonly raw: Float64Array
}

export interface TrainingResult {
  readonly calibration: Float64Array
  /** Of a warm-up: the detector's model file, and the raw scores that the calibration was fitted on. */
  readonly learned?: { readonly model: Uint8Array; readonly raw: Float64Array }
}

/** Blocks of the warm-up that are scored by a detector that has not seen them. */
const FOLDS = 5

/** Raw scores are in standard deviations of transformed features, of which a normal tail falls by e every 0.3 to 0.5. */
const RAW = { expectedScale: 0.5 }

/** Pure: the same job gives the same result, in the worker or inline. */
export function train(job: TrainingJob): TrainingResult {
  if (job.kind === 'refit') return { calibration: fitCalibration(job.raw, RAW).parameters }
  const { options, vectors } = job
  const width = options.features.length
  const count = Math.floor(vectors.length / width)
  const row = (i: number) => vectors.subarray(i * width, (i + 1) * width)
  const learn = (from: number, to: number): Detector => {
    const detector = new RobustDetector(options)
    for (let i = 0; i < count; i++) if (i < from || i >= to) detector.learn(row(i))
    return detector
  }
  // Scores of vectors that a detector learned itself are too small. Contiguous blocks are held out in turn (cross-conformal
  // prediction, V. Vovk 2015), since the neighbours of an overlapping window have all but seen it.
  const raw = new Float64Array(count)
  for (let fold = 0; fold < FOLDS; fold++) {
    const from = Math.floor((fold * count) / FOLDS)
    const to = Math.floor(((fold + 1) * count) / FOLDS)
    const detector = learn(from, to)
    for (let i = from; i < to; i++) raw[i] = detector.score(row(i))
  }
  return { calibration: fitCalibration(raw, RAW).parameters, learned: { model: learn(0, 0).save(), raw } }
}
