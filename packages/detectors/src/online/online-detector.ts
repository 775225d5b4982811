import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import type { DetectorSpec } from '../create.ts'
import type { Explanation } from '../detector.ts'
import { SPAN } from '../ensemble/default.ts'
import type { History } from '../history.ts'
import { budgetThreshold, vectorsPerDay } from './budget.ts'
import { Learner } from './learner.ts'
import { calibratedMember, heavyTailed } from './member.ts'
import type { PanelMember } from './panel.ts'
import { train } from './training.ts'

export interface OnlineOptions {
  readonly detector: DetectorSpec
  /** Alerts that chance alone may make in a day: what the threshold follows from. Default 0.1. */
  readonly alertsPerDay?: number
  /** Vectors that one alert lasts about. Default 15, of a detector that rests after trouble its rest. */
  readonly span?: number
  /** Half-life of the background that scores are taken relative to, in vectors. Default by the kind of detector. */
  readonly background?: number
  /** Vectors between two fits of the calibration, and a quarter of those after which a new level is learned anew. Default 500. */
  readonly refitEvery?: number
  /** Vectors that are kept for learning anew. Default 500. */
  readonly warmUp?: number
}

export interface Detection {
  /** min(1, −log10(p)/6): 0.5 is one in a thousand, 1 is one in a million. */
  readonly score: number
  /** The score without its upper end, to rank what is rarer than one in a million. */
  readonly severity: number
  readonly threshold: number
  readonly isAnomaly: boolean
  /** Features that the score hangs on; only of anomalies. */
  readonly explanation: Explanation | undefined
}

export interface OnlineStatistics {
  readonly vectors: number
  readonly anomalies: number
  readonly threshold: number
}

const KIND = 'online'
const VERSION = 6

/**
 * A detector for one entity, all in one: trained on its history, then judging each vector as it comes and learning from those that
 * are normal. Everything runs in the caller; the processor's scoring has the same parts, with training in a worker.
 */
export class OnlineDetector {
  readonly #options: OnlineOptions
  #learner: Learner
  #budget = Number.NaN
  /** What the budget asks for, by the latest calibration. */
  #limit = 1
  #set: number | undefined
  #vectors = 0
  #anomalies = 0

  constructor(options: OnlineOptions) {
    this.#options = options
    this.#learner = this.#fresh()
  }

  /** Learns from scratch. The history may hold anomalies that nobody has labelled; a detector needs about 100 vectors, more are better. */
  train(history: History): void {
    const { detector, alertsPerDay = 0.1, span = spanOf(detector) } = this.#options
    this.#learner = this.#fresh()
    const { values: vectors, timesMs } = history
    this.#learner.finish(train({ kind: 'warm_up', members: this.#members, vectors, timesMs }))
    this.#budget = budgetThreshold(alertsPerDay, vectorsPerDay(timesMs), span)
    this.#renewLimit()
  }

  /** @param timeMs event time, not before that of the vector before. Untrained: a score of 0. */
  detect(vector: Float64Array, timeMs: number): Detection {
    const learner = this.#learner
    const judgement = learner.judge(vector, timeMs)
    const { leading } = judgement
    const calibrated = learner.panel[leading]!.detector?.calibrated === true
    const severity = calibrated ? judgement.raw[leading]! / 6 : judgement.severity
    const score = Math.min(1, severity)
    const { threshold } = this
    const isAnomaly = learner.ready && score >= threshold
    const explanation = isAnomaly ? learner.panel[leading]!.detector?.explain(vector, timeMs) : undefined
    this.#vectors++
    if (isAnomaly) this.#anomalies++
    if (learner.ready) {
      learner.observe(vector, judgement, timeMs)
      const limit = this.#learnedBelow
      const odd = isAnomaly && score >= limit && !calibrated
      // Nothing is known of what else is wrong: a level counts as new when it has lasted as long as with an incident.
      const surroundings = { odd, threshold: limit, withheld: false, incidentOpen: odd, deployed: false }
      learner.take(vector, judgement, timeMs, surroundings)
      const job = learner.due()
      if (job !== undefined) {
        learner.finish(train(job))
        this.#renewLimit()
      }
    }
    return { score, severity, threshold, isAnomaly, explanation }
  }

  /** The score from which a vector is anomalous: the one set, else the one that the budget asks for, which moves with the calibration. */
  get threshold(): number {
    return this.#set ?? this.#limit
  }

  /** Sets the threshold; undefined goes back to the budget's. */
  setThreshold(score: number | undefined): void {
    if (score !== undefined && !(score >= 0 && score <= 1))
      throw new RangeError(`threshold ${score} is not in [0, 1]`)
    this.#set = score
  }

  statistics(): OnlineStatistics {
    return { vectors: this.#vectors, anomalies: this.#anomalies, threshold: this.threshold }
  }

  save(): Uint8Array {
    const numbers = [this.#budget, this.#set ?? Number.NaN, this.#vectors, this.#anomalies]
    return encodeModel({
      kind: KIND,
      version: VERSION,
      layers: new Map([
        ['detector', { data: identityOf(this.#options.detector) }],
        ['numbers', { data: Float64Array.from(numbers) }],
        ...this.#learner.layers(),
      ]),
    })
  }

  /** @throws ModelError, and nothing is changed then */
  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    layers.same('detector', identityOf(this.#options.detector))
    const [budget, set, vectors, anomalies] = layers.float64('numbers', 4)
    const learner = this.#fresh()
    learner.restore(layers)
    this.#learner = learner
    this.#budget = budget!
    this.#renewLimit()
    this.#set = Number.isNaN(set) ? undefined : set
    this.#vectors = vectors!
    this.#anomalies = anomalies!
  }

  /** A threshold that was drawn in too far must not keep ordinary vectors out: nothing would be learned, and the calibration would shrink. */
  get #learnedBelow(): number {
    return heavyTailed(this.#options.detector) ? Math.max(this.threshold, this.#budget) : this.threshold
  }

  #renewLimit(): void {
    const only = this.#learner.panel[0]!
    if (Number.isNaN(this.#budget)) this.#limit = 1
    else if (only.detector?.calibrated === true) this.#limit = this.#budget
    else this.#limit = Math.min(1, only.limit(this.#budget))
  }

  get #members(): readonly PanelMember[] {
    const { detector, background } = this.#options
    const member = calibratedMember(detector.kind, detector, 1)
    return [background === undefined ? member : { ...member, background }]
  }

  #fresh(): Learner {
    const { refitEvery = 500, warmUp = 500 } = this.#options
    return new Learner({ members: this.#members, refitEvery, warmUp })
  }
}

/** Weights are named by their hash. */
const identityOf = (detector: DetectorSpec): string =>
  JSON.stringify(detector, (key, value) => (key === 'weights' ? value?.hash : value))

const spanOf = (detector: DetectorSpec) =>
  detector.kind === 'novelty' && detector.rest !== undefined && detector.rest > 0 ? detector.rest : SPAN
