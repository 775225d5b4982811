import type { LayerData } from '@adf/detectors'
import { Calibration, type Layers, RobustDetector, type RobustOptions } from '@adf/detectors'
import type { TrainingJob, TrainingResult } from '../training/job.ts'

export interface LearnerOptions {
  readonly detector: RobustOptions
  readonly warmUp: number
  readonly refitEvery: number
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
  #detector: RobustDetector | undefined
  #calibration: Calibration | undefined
  /** Ring of raw scores of learned vectors. */
  #raw: Float32Array
  #rawCount = 0
  #sinceFit = 0
  /** Ring of vectors that wait, each with its raw score behind it; single precision, which is what is learned then. */
  #waiting: Float32Array | undefined
  #waitingFrom = 0
  #waitingCount = 0
  /** Vectors for a fit from scratch, oldest first; only there while one is being prepared. */
  #sample: Float64Array | undefined
  #sampled = 0
  #training = false

  constructor(options: LearnerOptions) {
    this.#options = options
    this.#raw = new Float32Array(0)
  }

  get ready(): boolean {
    return this.#calibration !== undefined
  }

  get detector(): RobustDetector | undefined {
    return this.#detector
  }

  /** Vectors learned or sampled, of those that are remembered. */
  get learned(): number {
    return this.ready ? this.#rawCount : this.#sampled
  }

  /** Raw score. */
  score(values: Float64Array): number {
    return this.#detector?.score(values) ?? 0
  }

  calibrated(raw: number): number {
    return this.#calibration?.score(raw) ?? 0
  }

  /** Takes a normal vector, and learns the one that came DELAY vectors before it. */
  learn(values: Float64Array, raw: number): void {
    const width = values.length + 1
    this.#waiting ??= new Float32Array(DELAY * width)
    if (this.#waitingCount === DELAY) {
      const at = this.#waitingFrom * width
      this.#detector?.learn(Float64Array.from(this.#waiting.subarray(at, at + values.length)))
      this.#keep(this.#waiting[at + values.length]!)
      this.#sinceFit++
      this.#waitingFrom = (this.#waitingFrom + 1) % DELAY
      this.#waitingCount--
    }
    const end = ((this.#waitingFrom + this.#waitingCount++) % DELAY) * width
    for (let i = 0; i < values.length; i++) this.#waiting[end + i] = single(values[i]!)
    this.#waiting[end + values.length] = single(raw)
  }

  /** What waits to be learned led up to an anomaly: it is not learned. */
  forgetWaiting(): void {
    this.#waitingFrom = 0
    this.#waitingCount = 0
  }

  /** Keeps a vector for a fit from scratch. */
  sample(values: Float64Array): void {
    if (this.#training) return
    this.#sample ??= new Float64Array(this.#options.warmUp * values.length)
    if (this.#sampled < this.#options.warmUp) this.#sample.set(values, this.#sampled++ * values.length)
  }

  forgetSample(): void {
    this.#sample = undefined
    this.#sampled = 0
  }

  /** The job that is due, if any; `finish` or `lose` must follow. Its buffers are the job's from now on. */
  due(): TrainingJob | undefined {
    if (this.#training) return undefined
    if (this.#sample !== undefined && this.#sampled >= this.#options.warmUp) {
      const vectors = this.#sample
      this.forgetSample()
      this.#training = true
      return { kind: 'warm_up', options: this.#options.detector, vectors }
    }
    // A young calibration stands on few independent windows, so it is renewed each time it has grown by half.
    const interval = Math.min(this.#options.refitEvery, Math.max(25, this.#rawCount >> 1))
    if (!this.ready || this.#sinceFit < interval) return undefined
    this.#training = true
    this.#sinceFit = 0
    return { kind: 'refit', raw: this.#remembered() }
  }

  finish(result: TrainingResult): void {
    this.#training = false
    this.#calibration = new Calibration(result.calibration)
    if (result.learned === undefined) return
    const detector = new RobustDetector(this.#options.detector)
    detector.load(result.learned.model)
    this.#detector = detector
    this.forgetWaiting()
    this.#rawCount = 0
    this.#sinceFit = 0
    for (const raw of result.learned.raw) this.#keep(raw)
  }

  /** The job was lost: the next one comes when it is due again. */
  lose(): void {
    this.#training = false
  }

  layers(): [string, { data: LayerData }][] {
    const waiting = [this.#waitingFrom, this.#waitingCount]
    const counts = Float64Array.of(this.#rawCount, this.#sinceFit, this.#sampled, ...waiting)
    const layers: [string, { data: LayerData }][] = [['robust.counts', { data: counts }]]
    if (this.#detector !== undefined && this.#calibration !== undefined)
      layers.push(
        ['robust.model', { data: this.#detector.save() }],
        ['robust.calibration', { data: this.#calibration.parameters }],
        ['robust.raw', { data: this.#raw }],
      )
    if (this.#waiting !== undefined) layers.push(['robust.waiting', { data: this.#waiting }])
    if (this.#sample !== undefined) layers.push(['robust.sample', { data: this.#sample }])
    return layers
  }

  /** @throws ModelError, and is then of no use any more. */
  restore(layers: Layers): void {
    const [rawCount, sinceFit, sampled, from, count] = layers.float64('robust.counts', 5)
    const width = this.#options.detector.features.length
    if (layers.has('robust.model')) {
      const detector = new RobustDetector(this.#options.detector)
      detector.load(layers.bytes('robust.model'))
      this.#detector = detector
      this.#calibration = Calibration.from(layers.float64('robust.calibration'))
      this.#raw = layers.float32('robust.raw', this.#capacity)
    }
    if (layers.has('robust.waiting')) {
      this.#waiting = layers.float32('robust.waiting', DELAY * (width + 1))
      this.#waitingFrom = from!
      this.#waitingCount = count!
    }
    if (layers.has('robust.sample'))
      this.#sample = layers.float64('robust.sample', this.#options.warmUp * width)
    this.#rawCount = rawCount!
    this.#sinceFit = sinceFit!
    this.#sampled = this.#sample === undefined ? 0 : sampled!
  }

  get #capacity(): number {
    return Math.max(this.#options.warmUp, REMEMBERED_REFITS * this.#options.refitEvery)
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
