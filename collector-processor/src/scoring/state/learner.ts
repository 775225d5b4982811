import type { LayerData } from '@adf/detectors'
import { Calibration, type Layers, RobustDetector, type RobustOptions } from '@adf/detectors'
import type { TrainingJob, TrainingResult } from '../training/job.ts'

export interface LearnerOptions {
  readonly detector: RobustOptions
  readonly warmUp: number
  readonly refitEvery: number
}

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

  learn(values: Float64Array, raw: number): void {
    this.#detector?.learn(values)
    this.#keep(raw)
    this.#sinceFit++
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
    this.#rawCount = 0
    this.#sinceFit = 0
    for (const raw of result.learned.raw) this.#keep(raw)
  }

  /** The job was lost: the next one comes when it is due again. */
  lose(): void {
    this.#training = false
  }

  layers(): [string, { data: LayerData }][] {
    const counts = Float64Array.of(this.#rawCount, this.#sinceFit, this.#sampled)
    const layers: [string, { data: LayerData }][] = [['robust.counts', { data: counts }]]
    if (this.#detector !== undefined && this.#calibration !== undefined)
      layers.push(
        ['robust.model', { data: this.#detector.save() }],
        ['robust.calibration', { data: this.#calibration.parameters }],
        ['robust.raw', { data: this.#raw }],
      )
    if (this.#sample !== undefined) layers.push(['robust.sample', { data: this.#sample }])
    return layers
  }

  /** @throws ModelError, and is then of no use any more. */
  restore(layers: Layers): void {
    const [rawCount, sinceFit, sampled] = layers.float64('robust.counts', 3)
    const width = this.#options.detector.features.length
    if (layers.has('robust.model')) {
      const detector = new RobustDetector(this.#options.detector)
      detector.load(layers.bytes('robust.model'))
      this.#detector = detector
      this.#calibration = Calibration.from(layers.float64('robust.calibration'))
      this.#raw = layers.float32('robust.raw', this.#capacity)
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
