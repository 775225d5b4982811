import { type FitOptions, fitCalibration } from '../calibration/fit.ts'
import { createDetector, type DetectorSpec, featuresOf } from '../create.ts'
import type { Detector } from '../detector.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { RobustDetector } from '../robust/robust.ts'
import { transientLength } from '../statistics/transient.ts'
import { type Background, backgroundOf } from './background.ts'
import type { PanelMember } from './panel.ts'

export type TrainingJob = WarmUpJob | RefitJob

/** Learn an entity from scratch. */
interface WarmUpJob {
  readonly kind: 'warm_up'
  readonly members: readonly PanelMember[]
  /** Vectors one after the other, oldest first, and the time of each. */
  readonly vectors: Float64Array
  readonly timesMs: Float64Array
}

/** Fit the calibrations anew. */
interface RefitJob {
  readonly kind: 'refit'
  /** For each member, scores of vectors that counted as normal, oldest first: raw, or relative to the background. */
  readonly scores: readonly Float64Array[]
  /** For each member, what is known of its tail. */
  readonly fits: readonly FitOptions[]
}

/** One for each member, in their order. */
export type TrainingResult = readonly TrainedDetector[]

export interface TrainedDetector {
  readonly calibration: Float64Array
  /** Of a warm-up: the detector's model file, and the raw scores that the calibration was fitted on. */
  readonly learned?: { readonly model: Uint8Array; readonly raw: Float64Array }
}

/** Blocks of the warm-up that are scored by a detector that has not seen them. */
const FOLDS = 5

/** Vectors before a held-out block that its detector observes, so that it judges the block in its context. */
const CONTEXT = 32

/** Of a warm-up at most this share is taken for the start-up of a service. */
const START_UP_SHARE = 0.4

/** Pure: the same job gives the same result, in the worker or inline. */
export function train(job: TrainingJob): TrainingResult {
  if (job.kind === 'refit')
    return job.scores.map((scores, m) => ({
      calibration: fitCalibration(scores, job.fits[m]).parameters,
    }))
  const { members } = job
  const features = featuresOf(members[0]!.detector)
  const all = new History(features.length, job.vectors, job.timesMs)
  const history = all.slice(startUp(all, features))
  return members.map((member) => warmUp(member, history))
}

/** Buffers of a result, to be handed over to another thread. */
export function buffersOf(result: TrainingResult): ArrayBuffer[] {
  return result
    .flatMap(({ calibration, learned }) => [calibration.buffer, learned?.raw.buffer, learned?.model.buffer])
    .filter((buffer) => buffer instanceof ArrayBuffer)
}

function warmUp(member: PanelMember, history: History): TrainedDetector {
  const { detector: spec } = member
  const raw = crossScores(history, spec)
  const detector = createDetector(spec)
  detector.fit(history)
  const background = backgroundOf(member)
  background?.addAll(raw)
  const scores = background === undefined ? raw : relativeScores(raw, background)
  return {
    calibration: fitCalibration(scores, fitOptions(member)).parameters,
    learned: { model: detector.save(), raw },
  }
}

/**
 * Robust scores are in standard deviations of transformed features, of which a normal tail falls by e every 0.3 to 0.5; relative
 * ones are in scales of a logarithm, where it falls a little faster.
 */
export function fitOptions({ detector, background, tail }: PanelMember): FitOptions {
  if (tail !== undefined) return { tail }
  if (background !== undefined) return { expectedScale: 0.4 }
  return { expectedScale: detector.kind === 'robust' ? 0.5 : undefined }
}

export const relativeScores = (raw: Float64Array, background: Background): Float64Array =>
  raw.map((each) => background.relative(each))

/**
 * Raw score of each vector by a detector that has not learned it: scores of learned ones are too small. Contiguous blocks are
 * held out in turn (cross-conformal prediction, V. Vovk 2015), since the neighbours of an overlapping window have all but seen it.
 */
function crossScores(history: History, spec: DetectorSpec): Float64Array {
  const raw = new Float64Array(history.count)
  for (let fold = 0; fold < FOLDS; fold++) {
    const from = Math.floor((fold * raw.length) / FOLDS)
    const to = Math.floor(((fold + 1) * raw.length) / FOLDS)
    const detector = createDetector(spec)
    detector.fit(history.without(from, to))
    // The first block has none before it: its own beginning does.
    const context =
      from === 0 ? history.slice(0, Math.min(to, CONTEXT)) : history.slice(Math.max(0, from - CONTEXT), from)
    observeAll(detector, context)
    for (let i = from; i < to; i++) {
      raw[i] = detector.score(history.row(i), history.timesMs[i]!)
      detector.observe(history.row(i), history.timesMs[i]!)
    }
  }
  return raw
}

function observeAll(detector: Detector, history: History): void {
  for (let i = 0; i < history.count; i++) detector.observe(history.row(i), history.timesMs[i]!)
}

/**
 * Vectors at the beginning that show a service starting up: its first requests are several times slower than what comes later,
 * and learned as normal they would hide a fault. Judged by the second half, which is past it.
 */
function startUp(history: History, features: readonly Feature[]): number {
  const half = history.slice(history.count >> 1)
  const judge = new RobustDetector({
    features,
    halfLife: Number.MAX_VALUE,
    minimum: Math.ceil(0.8 * half.count),
  })
  judge.fit(half)
  // The logarithm, so that it takes more than one far vector.
  const odd = Float64Array.from({ length: history.count }, (_, i) => Math.log1p(judge.score(history.row(i))))
  return transientLength(odd, START_UP_SHARE * history.count)
}
