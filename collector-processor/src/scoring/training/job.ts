import { fitCalibration, RobustDetector, type RobustOptions, transientLength } from '@adf/detectors'

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

/** Of a warm-up at most this share is taken for the start-up of a service. */
const START_UP_SHARE = 0.4

/** Raw scores are in standard deviations of transformed features, of which a normal tail falls by e every 0.3 to 0.5. */
const RAW = { expectedScale: 0.5 }

/** Pure: the same job gives the same result, in the worker or inline. */
export function train(job: TrainingJob): TrainingResult {
  if (job.kind === 'refit') return { calibration: fitCalibration(job.raw, RAW).parameters }
  const { options } = job
  const rows = rowsOf(job.vectors, options.features.length)
  const vectors = rows.slice(startUp(rows, options))
  // Scores of vectors that a detector learned itself are too small. Contiguous blocks are held out in turn (cross-conformal
  // prediction, V. Vovk 2015), since the neighbours of an overlapping window have all but seen it.
  const raw = new Float64Array(vectors.length)
  for (let fold = 0; fold < FOLDS; fold++) {
    const from = Math.floor((fold * raw.length) / FOLDS)
    const to = Math.floor(((fold + 1) * raw.length) / FOLDS)
    const detector = learned([...vectors.slice(0, from), ...vectors.slice(to)], options)
    for (let i = from; i < to; i++) raw[i] = detector.score(vectors[i]!)
  }
  const model = learned(vectors, options).save()
  return { calibration: fitCalibration(raw, RAW).parameters, learned: { model, raw } }
}

/**
 * Vectors at the beginning that show a service starting up: its first requests are several times slower than what comes later,
 * and learned as normal they would hide a fault. Judged by the second half, which is past it.
 */
function startUp(rows: readonly Float64Array[], options: RobustOptions): number {
  const judge = learned(rows.slice(rows.length >> 1), options)
  // The logarithm, so that it takes more than one far vector.
  const odd = Float64Array.from(rows, (row) => Math.log1p(judge.score(row)))
  return transientLength(odd, START_UP_SHARE * rows.length)
}

function learned(vectors: readonly Float64Array[], options: RobustOptions): RobustDetector {
  const detector = new RobustDetector(options)
  for (const vector of vectors) detector.learn(vector)
  return detector
}

function rowsOf(vectors: Float64Array, width: number): Float64Array[] {
  return Array.from({ length: Math.floor(vectors.length / width) }, (_, i) =>
    vectors.subarray(i * width, (i + 1) * width),
  )
}
