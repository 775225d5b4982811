import type { Layers } from '../codec/layers.ts'
import type { LayerData } from '../codec/model.ts'
import { featuresOf } from '../create.ts'
import { vectorsPerDay } from './budget.ts'
import { CalibratedDetector } from './calibrated-detector.ts'
import { checkPanel, type Judgement, type PanelMember, panelSeverity } from './panel.ts'
import type { TrainingJob, TrainingResult } from './training.ts'

export interface LearnerOptions {
  /** All of the same features. */
  readonly members: readonly PanelMember[]
  readonly warmUp: number
  readonly refitEvery: number
}

/** Told when a member begins to score a vector, and when it is done. */
export interface Stopwatch {
  start(): void
  stop(member: string): void
}

/**
 * Vectors that wait before they are learned. A fault that grows slowly, or that the threshold does not quite reach, would else
 * teach the learner to expect it before it is seen; when it is seen, what waits is thrown away.
 */
const DELAY = 120
const LARGEST_SINGLE = 3.4e38
/** In single precision, without becoming infinite. */
const single = (value: number) => Math.max(-LARGEST_SINGLE, Math.min(LARGEST_SINGLE, value))
/** Scores that a calibration is fitted on: this many refit intervals. */
const REMEMBERED_REFITS = 4

/**
 * The learned state of one entity: a panel of detectors that learn the same vectors, and the samples for the next fit. Says when a
 * job is due; who runs it is not its concern.
 */
export class Learner {
  readonly #options: LearnerOptions
  readonly #panel: readonly CalibratedDetector[]
  /** Values of a vector. */
  readonly #width: number
  #learned = 0
  #sinceFit = 0
  /** Ring of vectors that wait, each with its scores behind it; single precision, which is what is learned then. */
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
  #vectorsPerDay = Number.NaN
  #training = false

  /** @throws RangeError when the members are no panel */
  constructor(options: LearnerOptions) {
    checkPanel(options.members)
    const { members, warmUp, refitEvery } = options
    this.#options = options
    this.#width = featuresOf(members[0]!.detector).length
    this.#panel = members.map(
      (member) => new CalibratedDetector(member, Math.max(warmUp, REMEMBERED_REFITS * refitEvery)),
    )
  }

  get ready(): boolean {
    return this.#panel[0]!.ready
  }

  get members(): readonly PanelMember[] {
    return this.#options.members
  }

  /** In the order of the members. */
  get panel(): readonly CalibratedDetector[] {
    return this.#panel
  }

  /** Vectors learned or sampled, of those that are remembered. */
  get learned(): number {
    return this.ready ? this.#learned : this.#sampled
  }

  /** Of the warm-up, by the times between its vectors; NaN before it is over. */
  get vectorsPerDay(): number {
    return this.#vectorsPerDay
  }

  /** What the panel says of the next vector. Learns nothing. */
  judge(values: Float64Array, timeMs: number, watch?: Stopwatch): Judgement {
    const panel = this.#panel
    const raw = new Float64Array(panel.length)
    const severities = new Float64Array(panel.length)
    for (let m = 0; m < panel.length; m++) {
      const each = panel[m]!
      watch?.start()
      raw[m] = each.score(values, timeMs)
      severities[m] = each.severity(raw[m]!)
      watch?.stop(each.member.name)
    }
    return { raw, severities, ...panelSeverity(severities, this.#options.members) }
  }

  /** Every vector that was judged, once, in order: what the next one is judged by. */
  observe(values: Float64Array, { raw }: Judgement, timeMs: number): void {
    for (let m = 0; m < this.#panel.length; m++) this.#panel[m]!.observe(values, raw[m]!, timeMs)
  }

  /**
   * Takes a vector in, after it was judged and observed. It is learned unless it is `odd` (anomalous) or `withheld` (something else says
   * that this is no normal operation); while warming up it is kept in any case. When odd vectors outnumber the others by four refit intervals
   * the level has changed for good: the latest of them are kept, and everything is learned from scratch on them, without a gap in the scores.
   */
  take(values: Float64Array, judgement: Judgement, timeMs: number, odd: boolean, withheld: boolean): void {
    if (!this.ready) {
      this.#keepSample(values, timeMs)
      return
    }
    const { warmUp } = this.#options
    this.#odd = odd ? Math.min(this.relearnAfter, this.#odd + 1) : Math.max(0, this.#odd - 1)
    if (odd || withheld) this.#forgetWaiting()
    else this.#learn(values, judgement, timeMs)
    if (this.#odd > this.relearnAfter - warmUp) this.#keepSample(values, timeMs)
    else this.#forgetSample()
  }

  /** Odd vectors beyond the others after which all is learned anew; more than the vectors of the warm-up. */
  get relearnAfter(): number {
    return Math.max(4 * this.#options.refitEvery, 2 * this.#options.warmUp)
  }

  /** Takes a normal vector, and learns the one that came DELAY vectors before it. */
  #learn(values: Float64Array, { raw }: Judgement, timeMs: number): void {
    const panel = this.#panel
    const width = this.#width + panel.length
    this.#waiting ??= new Float32Array(DELAY * width)
    this.#waitingTimesMs ??= new Float64Array(DELAY)
    const waiting = this.#waiting
    if (this.#waitingCount === DELAY) {
      const at = this.#waitingFrom * width
      const scores = at + this.#width
      const vector = Float64Array.from(waiting.subarray(at, scores))
      const learnedMs = this.#waitingTimesMs[this.#waitingFrom]!
      for (let m = 0; m < panel.length; m++) panel[m]!.learn(vector, waiting[scores + m]!, learnedMs)
      this.#learned++
      this.#sinceFit++
      this.#waitingFrom = (this.#waitingFrom + 1) % DELAY
      this.#waitingCount--
    }
    const place = (this.#waitingFrom + this.#waitingCount++) % DELAY
    const end = place * width
    this.#waitingTimesMs[place] = timeMs
    for (let i = 0; i < this.#width; i++) waiting[end + i] = single(values[i]!)
    for (let m = 0; m < panel.length; m++)
      waiting[end + this.#width + m] = single(panel[m]!.relative(raw[m]!))
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
    const { members, warmUp } = this.#options
    const [vectors, timesMs] = [this.#sample, this.#sampleTimesMs]
    if (vectors !== undefined && timesMs !== undefined && this.#sampled >= warmUp) {
      this.#forgetSample()
      this.#training = true
      this.#vectorsPerDay = vectorsPerDay(timesMs)
      return { kind: 'warm_up', members, vectors, timesMs }
    }
    // A young calibration stands on few independent windows, so it is renewed each time it has grown by half.
    const interval = Math.min(this.#options.refitEvery, Math.max(25, this.#learned >> 1))
    if (!this.ready || this.#sinceFit < interval) return undefined
    this.#training = true
    this.#sinceFit = 0
    return { kind: 'refit', members, scores: this.#panel.map((each) => each.remembered()) }
  }

  finish(result: TrainingResult): void {
    this.#training = false
    for (const [m, each] of this.#panel.entries()) each.finish(result[m]!)
    const learned = result[0]!.learned?.raw.length
    if (learned === undefined) return
    this.#forgetWaiting()
    this.#odd = 0
    this.#learned = learned
    this.#sinceFit = 0
  }

  /** The job was lost: the next one comes when it is due again. */
  lose(): void {
    this.#training = false
  }

  layers(): [string, { data: LayerData }][] {
    const waiting = [this.#waitingFrom, this.#waitingCount]
    const lately = [this.#odd, this.#vectorsPerDay]
    const counts = Float64Array.of(this.#learned, this.#sinceFit, this.#sampled, ...waiting, ...lately)
    const layers: [string, { data: LayerData }][] = [['learner.counts', { data: counts }]]
    for (const each of this.#panel) layers.push(...each.layers())
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
    const [learned, sinceFit, sampled, from, count, odd, perDay] = layers.float64('learner.counts', 7)
    for (const each of this.#panel) each.restore(layers)
    if (layers.has('learner.waiting')) {
      this.#waiting = layers.float32('learner.waiting', DELAY * (this.#width + this.#panel.length))
      this.#waitingTimesMs = layers.float64('learner.waiting_times', DELAY)
      this.#waitingFrom = from!
      this.#waitingCount = count!
    }
    if (layers.has('learner.sample')) {
      this.#sample = layers.float64('learner.sample', this.#options.warmUp * this.#width)
      this.#sampleTimesMs = layers.float64('learner.sample_times', this.#options.warmUp)
    }
    this.#learned = learned!
    this.#sinceFit = sinceFit!
    this.#odd = odd!
    this.#vectorsPerDay = perDay!
    this.#sampled = this.#sample === undefined ? 0 : sampled!
  }
}
