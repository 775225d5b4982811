import { Calibration } from '../calibration/calibration.ts'
import type { Layers } from '../codec/layers.ts'
import type { LayerData } from '../codec/model.ts'
import { createDetector, type DetectorSpec, featuresOf } from '../create.ts'
import type { Detector } from '../detector.ts'
import { Background } from './background.ts'
import { backgroundOf, relativeScores, type TrainingJob, type TrainingResult } from './training.ts'

export interface LearnerOptions {
  readonly detector: DetectorSpec
  readonly warmUp: number
  readonly refitEvery: number
  /** Half-life, in vectors, of the background that scores are taken relative to; left out: they are taken as they are. */
  readonly background?: number | undefined
}

/**
 * Vectors that wait before they are learned. A fault that grows slowly, or that the threshold does not quite reach, would else
 * teach the learner to expect it before it is seen; when it is seen, what waits is thrown away.
 */
const DELAY = 120
const LARGEST_SINGLE = 3.4e38
/** In single precision, without becoming infinite. */
const single = (value: number) => Math.max(-LARGEST_SINGLE, Math.min(LARGEST_SINGLE, value))
/** Raw scores that a calibration is fitted on: this many refit intervals. */
const REMEMBERED_REFITS = 4

/**
 * A detector that learns, its calibration, and the samples for the next fit of either: the learned state of one entity.
 * Says when a job is due; who runs it is not its concern.
 */
export class Learner {
  readonly #options: LearnerOptions
  #detector: Detector | undefined
  #calibration: Calibration | undefined
  #background: Background | undefined
  /** Ring of raw scores of learned vectors. */
  #raw: Float32Array
  #rawCount = 0
  #sinceFit = 0
  /** Ring of vectors that wait, each with its raw score behind it; single precision, which is what is learned then. */
  #waiting: Float32Array | undefined
  #waitingTimesMs: Float64Array | undefined
  #waitingFrom = 0
  #waitingCount = 0
  /** Vectors for a fit from scratch, oldest first; only there while one is being prepared. */
  #sample: Float64Array | undefined
  #sampleTimesMs: Float64Array | undefined
  #sampled = 0
  /** Odd vectors beyond the others lately: up by one, down by one. */
  #odd = 0
  #training = false

  constructor(options: LearnerOptions) {
    this.#options = options
    this.#raw = new Float32Array(0)
  }

  get ready(): boolean {
    return this.#calibration !== undefined
  }

  get detector(): Detector | undefined {
    return this.#detector
  }

  /** Vectors learned or sampled, of those that are remembered. */
  get learned(): number {
    return this.ready ? this.#rawCount : this.#sampled
  }

  /** Raw score. */
  score(values: Float64Array, timeMs: number): number {
    return this.#detector?.score(values, timeMs) ?? 0
  }

  /** Every vector that was scored, once, in order, with its raw score: what the next one is judged by. */
  observe(values: Float64Array, raw: number, timeMs: number): void {
    this.#detector?.observe(values, timeMs)
    this.#background?.add(raw)
  }

  calibrated(raw: number): number {
    return this.#calibration?.score(this.#relative(raw)) ?? 0
  }

  /** The calibrated score without its upper end. */
  severity(raw: number): number {
    return this.#calibration?.severity(this.#relative(raw)) ?? 0
  }

  /**
   * Takes a vector in, after it was scored. It is learned unless it is `odd` (anomalous) or `withheld` (something else says that this is
   * no normal operation); while warming up it is kept in any case. When odd vectors outnumber the others by four refit intervals the
   * level has changed for good: the latest of them are kept, and everything is learned from scratch on them, without a gap in the scores.
   */
  take(values: Float64Array, raw: number, timeMs: number, odd: boolean, withheld: boolean): void {
    if (!this.ready) {
      this.#keepSample(values, timeMs)
      return
    }
    const { warmUp } = this.#options
    this.#odd = odd ? Math.min(this.relearnAfter, this.#odd + 1) : Math.max(0, this.#odd - 1)
    if (odd || withheld) this.#forgetWaiting()
    else this.#learn(values, raw, timeMs)
    if (this.#odd > this.relearnAfter - warmUp) this.#keepSample(values, timeMs)
    else this.#forgetSample()
  }

  /** Odd vectors beyond the others after which all is learned anew; more than the vectors of the warm-up. */
  get relearnAfter(): number {
    return Math.max(4 * this.#options.refitEvery, 2 * this.#options.warmUp)
  }

  /** Takes a normal vector, and learns the one that came DELAY vectors before it. */
  #learn(values: Float64Array, raw: number, timeMs: number): void {
    const width = values.length + 1
    this.#waiting ??= new Float32Array(DELAY * width)
    this.#waitingTimesMs ??= new Float64Array(DELAY)
    if (this.#waitingCount === DELAY) {
      const at = this.#waitingFrom * width
      const vector = Float64Array.from(this.#waiting.subarray(at, at + values.length))
      this.#detector?.learn(vector, this.#waitingTimesMs[this.#waitingFrom]!)
      this.#keep(this.#waiting[at + values.length]!)
      this.#sinceFit++
      this.#waitingFrom = (this.#waitingFrom + 1) % DELAY
      this.#waitingCount--
    }
    const place = (this.#waitingFrom + this.#waitingCount++) % DELAY
    const end = place * width
    this.#waitingTimesMs[place] = timeMs
    for (let i = 0; i < values.length; i++) this.#waiting[end + i] = single(values[i]!)
    this.#waiting[end + values.length] = single(this.#relative(raw))
  }

  /** What waits to be learned led up to an anomaly: it is not learned. */
  #forgetWaiting(): void {
    this.#waitingFrom = 0
    this.#waitingCount = 0
  }

  /** Keeps a vector for a fit from scratch. */
  #keepSample(values: Float64Array, timeMs: number): void {
    if (this.#training) return
    this.#sample ??= new Float64Array(this.#options.warmUp * values.length)
    this.#sampleTimesMs ??= new Float64Array(this.#options.warmUp)
    if (this.#sampled >= this.#options.warmUp) return
    this.#sampleTimesMs[this.#sampled] = timeMs
    this.#sample.set(values, this.#sampled++ * values.length)
  }

  #forgetSample(): void {
    this.#sample = undefined
    this.#sampleTimesMs = undefined
    this.#sampled = 0
  }

  /** The job that is due, if any; `finish` or `lose` must follow. Its buffers are the job's from now on. */
  due(): TrainingJob | undefined {
    if (this.#training) return undefined
    const { detector, warmUp, background } = this.#options
    const [vectors, timesMs] = [this.#sample, this.#sampleTimesMs]
    if (vectors !== undefined && timesMs !== undefined && this.#sampled >= warmUp) {
      this.#forgetSample()
      this.#training = true
      return { kind: 'warm_up', detector, background, vectors, timesMs }
    }
    // A young calibration stands on few independent windows, so it is renewed each time it has grown by half.
    const interval = Math.min(this.#options.refitEvery, Math.max(25, this.#rawCount >> 1))
    if (!this.ready || this.#sinceFit < interval) return undefined
    this.#training = true
    this.#sinceFit = 0
    return { kind: 'refit', detector, background, raw: this.#remembered() }
  }

  finish(result: TrainingResult): void {
    this.#training = false
    this.#calibration = new Calibration(result.calibration)
    if (result.learned === undefined) return
    const detector = createDetector(this.#options.detector)
    detector.load(result.learned.model)
    this.#detector = detector
    this.#forgetWaiting()
    this.#odd = 0
    this.#rawCount = 0
    this.#sinceFit = 0
    const { raw } = result.learned
    const { background } = this.#options
    this.#background = background === undefined ? undefined : backgroundOf(raw, background)
    for (const each of this.#background === undefined ? raw : relativeScores(raw, this.#background))
      this.#keep(each)
  }

  /** The job was lost: the next one comes when it is due again. */
  lose(): void {
    this.#training = false
  }

  layers(): [string, { data: LayerData }][] {
    const waiting = [this.#waitingFrom, this.#waitingCount]
    const counts = Float64Array.of(this.#rawCount, this.#sinceFit, this.#sampled, ...waiting, this.#odd)
    const layers: [string, { data: LayerData }][] = [['learner.counts', { data: counts }]]
    if (this.#detector !== undefined && this.#calibration !== undefined)
      layers.push(
        ['learner.model', { data: this.#detector.save() }],
        ['learner.calibration', { data: this.#calibration.parameters }],
        ['learner.raw', { data: this.#raw }],
      )
    if (this.#background !== undefined) layers.push(...this.#background.layers())
    if (this.#waiting !== undefined && this.#waitingTimesMs !== undefined)
      layers.push(
        ['learner.waiting', { data: this.#waiting }],
        ['learner.waiting_times', { data: this.#waitingTimesMs }],
      )
    if (this.#sample !== undefined && this.#sampleTimesMs !== undefined)
      layers.push(
        ['learner.sample', { data: this.#sample }],
        ['learner.sample_times', { data: this.#sampleTimesMs }],
      )
    return layers
  }

  /** @throws ModelError, and is then of no use any more. */
  restore(layers: Layers): void {
    const [rawCount, sinceFit, sampled, from, count, odd] = layers.float64('learner.counts', 6)
    const width = featuresOf(this.#options.detector).length
    if (layers.has('learner.model')) {
      const detector = createDetector(this.#options.detector)
      detector.load(layers.bytes('learner.model'))
      this.#detector = detector
      this.#calibration = Calibration.from(layers.float64('learner.calibration'))
      this.#raw = layers.float32('learner.raw', this.#capacity)
      if (this.#options.background !== undefined) {
        this.#background = new Background(this.#options.background)
        this.#background.restore(layers)
      }
    }
    if (layers.has('learner.waiting')) {
      this.#waiting = layers.float32('learner.waiting', DELAY * (width + 1))
      this.#waitingTimesMs = layers.float64('learner.waiting_times', DELAY)
      this.#waitingFrom = from!
      this.#waitingCount = count!
    }
    if (layers.has('learner.sample')) {
      this.#sample = layers.float64('learner.sample', this.#options.warmUp * width)
      this.#sampleTimesMs = layers.float64('learner.sample_times', this.#options.warmUp)
    }
    this.#rawCount = rawCount!
    this.#sinceFit = sinceFit!
    this.#odd = odd!
    this.#sampled = this.#sample === undefined ? 0 : sampled!
  }

  get #capacity(): number {
    return Math.max(this.#options.warmUp, REMEMBERED_REFITS * this.#options.refitEvery)
  }

  #relative(raw: number): number {
    return this.#background?.relative(raw) ?? raw
  }

  #keep(raw: number): void {
    if (this.#raw.length === 0) this.#raw = new Float32Array(this.#capacity)
    this.#raw[this.#rawCount++ % this.#raw.length] = raw
  }

  #remembered(): Float64Array {
    const length = this.#raw.length
    if (this.#rawCount <= length) return Float64Array.from(this.#raw.subarray(0, this.#rawCount))
    const oldest = this.#rawCount % length
    const out = new Float64Array(length)
    out.set(this.#raw.subarray(oldest))
    out.set(this.#raw.subarray(0, oldest), length - oldest)
    return out
  }
}
