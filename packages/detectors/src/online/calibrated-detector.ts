import { Calibration, mostParameters } from '../calibration/calibration.ts'
import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import { createDetector } from '../create.ts'
import type { Detector } from '../detector.ts'
import { NetworkDetector } from '../network/network.ts'
import { specText } from '../network/spec.ts'
import type { Weights } from '../network/weights.ts'
import { half } from '../statistics/precision.ts'
import { type Place, Room } from '../statistics/room.ts'
import { type Background, backgroundOf } from './background.ts'
import { excessOf, relativeAt } from './budget.ts'
import type { PanelMember } from './panel.ts'
import { relativeScores, type TrainedDetector } from './training.ts'

/**
 * Scores relative to a background keep their meaning, so that they are remembered for longer by keeping only one in several, this many
 * times fewer than else at most; the calibration then changes slowly, and scores of one hour can be compared with those of another. Neighbours are alike
 * anyway. Raw ones lose their meaning with the level of the traffic.
 */
const LONGEST_STRIDE = 8
/**
 * Of the vectors that are anomalous by chance, which are not learned, a counted calibration remembers the scores: without them it would be
 * one of vectors below the threshold, and lower with each refit. Twice as many as the threshold promises, so that it can be corrected; more are
 * no chance. They count as 1,000 times rarer than the threshold at most.
 */
const CHANCE = { times: 2, most: 5, rarer: 3 / 6 }
/** How far the calibration is believed about the threshold; the rest is what such scores usually have. */
const TRUST = 0.2
const NO_SCORES = new Float16Array(0)
const NO_PARAMETERS = new Float64Array(0)

/** What a detector with its calibration is made of, before it has learned anything. */
export interface Fresh {
  readonly detector: Detector
  readonly background: Background | undefined
  readonly parameters: Place<Float64Array>
  readonly scores: Place<Float16Array>
}

/** No limit is lower: one vector in ten is no anomaly. */
const LOWEST_LIMIT = 1 / 6

/**
 * A detector with what gives its raw scores a meaning: the background that they are told relative to, the calibration, and the
 * scores of learned vectors that the next calibration is fitted on.
 */
export class CalibratedDetector {
  #member: PanelMember
  readonly #longestStride: number
  #detector: Detector | undefined
  #calibration: Calibration | undefined
  #background: Background | undefined
  /**
   * Ring of scores of learned vectors, relative to the background where there is one. Three digits are more than a calibration can tell, and no
   * normal score is near the largest one.
   */
  #scores: Float16Array = NO_SCORES
  /** Where the ring begins. */
  #ring = 0
  /** Its length. */
  readonly #remembered: number
  /** Where the parameters of the calibration are kept. */
  #numbers: Float64Array = NO_PARAMETERS
  #parameters = 0
  #count = 0
  /** One score in so many is kept. */
  #stride = 1
  #skipped = 0
  /** Anomalous vectors that chance still has to its credit. */
  #credit = 0

  /** @param remembered scores that a calibration is fitted on, @param apart vectors from one to the next that say something of their own */
  constructor(member: PanelMember, remembered: number, apart: number) {
    this.#member = member
    const { background, memory } = member
    this.#longestStride = background === undefined || memory === 'recent' ? apart : apart * LONGEST_STRIDE
    this.#remembered = remembered
  }

  get #tail() {
    return this.#member.tail ?? 'fitted'
  }

  get ready(): boolean {
    return this.#calibration !== undefined
  }

  get member(): PanelMember {
    return this.#member
  }

  /** False for a network without weights: it cannot even be fitted. */
  get trainable(): boolean {
    const { detector } = this.#member
    return detector.kind !== 'network' || detector.weights !== undefined
  }

  /** Goes on with weights of further training; a member of another network is left as it was. */
  useWeights(weights: Weights): void {
    const spec = this.#member.detector
    if (spec.kind !== 'network' || specText(spec.network) !== specText(weights.network)) return
    this.#member = { ...this.#member, detector: { ...spec, weights } }
    if (this.#detector instanceof NetworkDetector) this.#detector.useWeights(weights)
  }

  get detector(): Detector | undefined {
    return this.#detector
  }

  /** Raw score; 0 before it is ready. */
  score(values: Float64Array, timeMs: number): number {
    return this.#detector?.score(values, timeMs) ?? 0
  }

  /** Calibrated, without the upper end. */
  severity(raw: number): number {
    return this.#calibration?.severity(this.relative(raw)) ?? 0
  }

  relative(raw: number): number {
    return this.#background?.relative(raw) ?? raw
  }

  /**
   * The severity from which a vector is anomalous, when a share 10^(−6·budget) of normal vectors may be: at most the budget itself. A
   * history that held anomalies makes a calibration believe that they are normal, and what it takes for one in a thousand far too rare; so
   * the limit is drawn towards where it would be if the logarithms of raw scores were normal. Without a background it is the budget.
   */
  limit(budget: number): number {
    const calibration = this.#calibration
    if (calibration === undefined || this.#background === undefined || this.#detector?.calibrated)
      return budget
    const usual = excessOf(10 ** (-6 * budget))
    const fitted = relativeAt((relative) => calibration.severity(relative), budget)
    if (fitted <= usual) return budget
    return Math.max(LOWEST_LIMIT, calibration.severity(usual + TRUST * (fitted - usual)))
  }

  /** Every vector that was scored, once, in order. */
  observe(values: Float64Array, raw: number, timeMs: number): void {
    this.#detector?.observe(values, timeMs)
    this.#background?.add(raw)
  }

  /** @param score relative to the background of the time when the vector was judged */
  learn(values: Float64Array, score: number, timeMs: number): void {
    this.#detector?.learn(values, timeMs)
    this.#keep(score)
  }

  /**
   * Every vector that was judged and no incident withholds. The score of an odd one, which is not learned, is remembered as far as chance makes
   * such.
   *
   * @param score relative to the background, @param threshold severity from which a vector is odd
   */
  count(score: number, odd: boolean, threshold: number): void {
    const calibration = this.#calibration
    if (this.#tail !== 'counted' || calibration === undefined) return
    this.#credit = Math.min(CHANCE.most, this.#credit + CHANCE.times * 10 ** (-6 * threshold))
    if (!odd || this.#credit < 1) return
    this.#credit--
    const farthest = relativeAt((relative) => calibration.severity(relative), threshold + CHANCE.rarer)
    this.#keep(Math.min(score, farthest))
  }

  /** What it begins anew with. Those of several detectors may have one room, where they come and go together. */
  fresh(room = new Room()): Fresh {
    return {
      detector: createDetector(this.#member.detector, room),
      background: backgroundOf(this.#member, room),
      parameters: room.float64(mostParameters(this.#tail)),
      scores: room.float16(this.#remembered),
    }
  }

  /** @param fresh what it begins anew with after a warm-up */
  finish({ calibration, learned }: TrainedDetector, fresh = learned && this.fresh()): void {
    if (learned !== undefined && fresh !== undefined) {
      const { model, raw } = learned
      const { detector, background } = fresh
      detector.load(model)
      background?.addAll(raw)
      this.#begin(fresh)
      this.#count = 0
      this.#stride = 1
      this.#skipped = 0
      this.#credit = 0
      for (const each of background === undefined ? raw : relativeScores(raw, background)) this.#keep(each)
    }
    this.#calibrate(new Calibration(calibration))
  }

  /** Scores of learned vectors, oldest first. */
  remembered(): Float64Array {
    const scores = this.#ownScores
    if (this.#count <= scores.length) return Float64Array.from(scores.subarray(0, this.#count))
    const oldest = this.#count % scores.length
    const out = new Float64Array(scores.length)
    out.set(scores.subarray(oldest))
    out.set(scores.subarray(0, oldest), scores.length - oldest)
    return out
  }

  layers(): [string, Layer][] {
    if (this.#detector === undefined || this.#calibration === undefined) return []
    const { name } = this.#member
    const kept = Math.min(this.#count, this.#remembered)
    return [
      [`${name}.model`, { data: this.#detector.save() }],
      [`${name}.calibration`, { data: this.#calibration.parameters }],
      [`${name}.count`, { data: Float64Array.of(this.#count, this.#stride, this.#skipped) }],
      [`${name}.scores`, { data: this.#ownScores.subarray(0, kept) }],
      ...(this.#credit > 0 ? [creditLayer(name, this.#credit)] : []),
      ...(this.#background?.layers(`${name}.background`) ?? []),
    ]
  }

  /** Whether they hold a state that it can go on with. */
  isIn(layers: Layers): boolean {
    return layers.has(`${this.#member.name}.model`) && this.trainable
  }

  /** From layers that it is in. @throws ModelError, and is then of no use any more */
  restore(layers: Layers, fresh = this.fresh()): void {
    const { name, detector: spec } = this.#member
    const { detector, background } = fresh
    try {
      detector.load(layers.bytes(`${name}.model`))
    } catch (error) {
      // Made with weights that are no more: it is fitted again, as if it had just got them.
      if (spec.kind === 'network' && error instanceof ModelError && error.code === 'foreign') return
      throw error
    }
    this.#begin(fresh)
    this.#calibrate(Calibration.from(layers.float64(`${name}.calibration`), this.#tail))
    const [count, stride, skipped] = layers.float64(`${name}.count`, 3)
    this.#count = count!
    this.#stride = stride!
    this.#skipped = skipped!
    this.#ownScores.set(layers.float16(`${name}.scores`, Math.min(count!, this.#remembered)))
    const credit = `${name}.credit`
    this.#credit = layers.has(credit) ? layers.float64(credit, 1)[0]! : 0
    background?.restore(`${name}.background`, layers)
  }

  #begin({ detector, background, parameters, scores }: Fresh): void {
    this.#detector = detector
    this.#background = background
    this.#numbers = parameters.numbers
    this.#parameters = parameters.from
    this.#scores = scores.numbers
    this.#ring = scores.from
  }

  #calibrate(calibration: Calibration): void {
    this.#calibration = calibration.at({ numbers: this.#numbers, from: this.#parameters })
  }

  /** The ring itself, not a copy. */
  get #ownScores(): Float16Array {
    return this.#scores.subarray(this.#ring, this.#ring + this.#remembered)
  }

  #keep(score: number): void {
    if (++this.#skipped < this.#stride) return
    this.#skipped = 0
    if (this.#count === this.#remembered && this.#stride < this.#longestStride) this.#thin()
    this.#scores[this.#ring + (this.#count++ % this.#remembered)] = half(score)
  }

  /** Keeps every other score, from now on too. */
  #thin(): void {
    this.#count >>= 1
    const scores = this.#ownScores
    for (let i = 0; i < this.#count; i++) scores[i] = scores[2 * i + 1]!
    this.#stride *= 2
  }
}

const creditLayer = (name: string, credit: number): [string, Layer] => [
  `${name}.credit`,
  { data: Float64Array.of(credit) },
]
