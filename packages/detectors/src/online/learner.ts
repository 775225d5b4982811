import type { Layers } from '../codec/layers.ts'
import type { LayerData } from '../codec/model.ts'
import { featuresOf } from '../create.ts'
import { type Circumstances, type Drift, DriftMonitor } from '../drift/monitor.ts'
import type { Weights } from '../network/weights.ts'
import { vectorsPerDay } from './budget.ts'
import { CalibratedDetector } from './calibrated-detector.ts'
import { checkPanel, type Judgement, type PanelMember, panelSeverity } from './panel.ts'
import { expectedScale, type TrainingJob, type TrainingResult } from './training.ts'

export interface LearnerOptions {
  /** All of the same features. */
  readonly members: readonly PanelMember[]
  readonly warmUp: number
  readonly refitEvery: number
  /** Width of the window that each vector is taken over, ms; 0: vectors stand for themselves. */
  readonly windowMs?: number | undefined
}

/** What is known of a vector besides its values. */
export interface Surroundings extends Circumstances {
  /** Anomalous. */
  readonly odd: boolean
  /** Something else says that this is no normal operation. */
  readonly withheld: boolean
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
/** Smallest change of a score that is a drift: of its level in standard deviations, of its deviation as a factor. */
const DRIFT = { size: 2, ratio: 2 }
const DAY_MS = 86_400_000
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
  /** Ring of the latest vectors for a fit from scratch; only there while one is being prepared. */
  #sample: Float64Array | undefined
  #sampleTimesMs: Float64Array | undefined
  #sampled = 0
  #sampledFor: 'anew' | 'join' | undefined
  /** Odd vectors beyond the others lately: up by one, down by one. */
  #odd = 0
  #drift: DriftMonitor | undefined
  /** A drift asks for a fit from scratch: the vectors that come are gathered for it. */
  #anew = false
  #vectorsPerDay = Number.NaN
  /** Places of the members that a job is under way for. */
  #training: readonly number[] | undefined

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

  /** Once those are that can be; a network without weights is not waited for. */
  get ready(): boolean {
    return this.#panel.some((each) => each.ready)
  }

  /** Goes on with other weights of a network; a member that waited for them is fitted when enough normal vectors have come. */
  useWeights(weights: Weights): void {
    for (const each of this.#panel) each.useWeights(weights)
  }

  /** In the order of the members. */
  get panel(): readonly CalibratedDetector[] {
    return this.#panel
  }

  /** Vectors learned or sampled, of those that are remembered. */
  get learned(): number {
    return this.ready ? this.#learned : Math.min(this.#sampled, this.#options.warmUp)
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
    return { raw, severities, ...panelSeverity(severities, panel) }
  }

  /** Every vector that was judged, once, in order: what the next one is judged by. */
  observe(values: Float64Array, { raw }: Judgement, timeMs: number): void {
    for (let m = 0; m < this.#panel.length; m++) this.#panel[m]!.observe(values, raw[m]!, timeMs)
  }

  /**
   * Takes a vector in, after it was judged and observed. It is learned unless it is `odd` or `withheld`; while warming up it is kept in
   * any case. When the scores have gone to another level for good, or odd vectors outnumber the others by four refit intervals, everything
   * is learned from scratch on the vectors that come then, without a gap in the scores.
   *
   * @returns the drift that became clear with this vector
   */
  take(
    values: Float64Array,
    judgement: Judgement,
    timeMs: number,
    { odd, withheld, ...circumstances }: Surroundings,
  ): Drift | undefined {
    if (!this.ready) {
      this.#keepSample(values, timeMs)
      return undefined
    }
    this.#odd = odd ? Math.min(this.relearnAfter, this.#odd + 1) : Math.max(0, this.#odd - 1)
    if (odd || withheld) this.#forgetWaiting()
    else this.#learn(values, judgement, timeMs)
    if (this.#odd === 0) this.#anew = false
    if (this.#anew || this.#odd > this.#persist - this.#options.warmUp)
      this.#sampleFor('anew', values, timeMs)
    else if (!this.#joining) this.#forgetSample()
    else if (!odd && !withheld) this.#sampleFor('join', values, timeMs)
    const drift = this.#drift?.add(this.#told(judgement), timeMs, circumstances)
    if (drift !== undefined) this.#adapt(((timeMs - drift.sinceMs) / DAY_MS) * this.#vectorsPerDay)
    if (this.#odd >= this.relearnAfter) this.#anew = true
    return drift
  }

  /** What does not fit any more: the detectors, when most vectors since the change are anomalous; the calibrations in any case. */
  #adapt(vectors: number): void {
    if (this.#odd >= vectors / 2) this.#anew = true
    else this.#sinceFit = this.#options.refitEvery
  }

  /** Each member's score as the drift monitor is told of it: relative where that is known, else its logarithm. */
  #told({ raw }: Judgement): Float64Array {
    return raw.map((each, m) => {
      const { member } = this.#panel[m]!
      return member.background === undefined ? Math.log(each + 0.1) : this.#panel[m]!.relative(each)
    })
  }

  /** Vectors that a change lasts before it counts: nearly a refit interval. */
  get #persist(): number {
    const { refitEvery, warmUp } = this.#options
    return Math.max(refitEvery - 5 * this.#batch, warmUp, 6 * this.#batch)
  }

  /** Vectors that overlap one another. */
  get #batch(): number {
    const { windowMs = 0 } = this.#options
    return Math.max(10, Math.ceil((windowMs / DAY_MS) * (this.#vectorsPerDay || 0)))
  }

  #monitor(): DriftMonitor {
    const features = this.#panel.map(({ member }) => member.name)
    const { warmUp } = this.#options
    return new DriftMonitor({
      features,
      reference: warmUp,
      batch: this.#batch,
      size: DRIFT.size,
      ratio: DRIFT.ratio,
      persist: this.#persist,
    })
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

  /** Some members can be fitted now that could not be at the warm-up. */
  get #joining(): boolean {
    return this.#panel.some((each) => each.trainable && !each.ready)
  }

  #sampleFor(purpose: 'anew' | 'join', values: Float64Array, timeMs: number): void {
    if (purpose !== this.#sampledFor) this.#forgetSample()
    this.#sampledFor = purpose
    this.#keepSample(values, timeMs)
  }

  /** Keeps a vector for a fit from scratch. */
  #keepSample(values: Float64Array, timeMs: number): void {
    if (this.#training !== undefined) return
    this.#sample ??= new Float64Array(this.#options.warmUp * values.length)
    this.#sampleTimesMs ??= new Float64Array(this.#options.warmUp)
    const place = this.#sampled++ % this.#options.warmUp
    this.#sampleTimesMs[place] = timeMs
    this.#sample.set(values, place * values.length)
  }

  #forgetSample(): void {
    this.#sample = undefined
    this.#sampleTimesMs = undefined
    this.#sampledFor = undefined
    this.#sampled = 0
  }

  /** The job that is due, if any; `finish` or `lose` must follow. Its buffers are the job's from now on. */
  due(): TrainingJob | undefined {
    if (this.#training !== undefined) return undefined
    const { warmUp } = this.#options
    const [vectors, timesMs] = [this.#sample, this.#sampleTimesMs]
    const wanted = !this.ready || (this.#sampledFor === 'anew' ? this.#anew : this.#joining)
    if (wanted && vectors !== undefined && timesMs !== undefined && this.#sampled >= warmUp) {
      const oldest = this.#sampled % warmUp
      rotate(vectors, oldest * this.#width)
      rotate(timesMs, oldest)
      const joining = this.ready && this.#sampledFor === 'join'
      this.#training = this.#placesOf((each) => each.trainable && !(joining && each.ready))
      this.#forgetSample()
      this.#vectorsPerDay = vectorsPerDay(timesMs)
      const members = this.#training.map((place) => this.#panel[place]!.member)
      return { kind: 'warm_up', members, vectors, timesMs }
    }
    // A young calibration stands on few independent windows, so it is renewed each time it has grown by half.
    const interval = Math.min(this.#options.refitEvery, Math.max(25, this.#learned >> 1))
    if (!this.ready || this.#sinceFit < interval) return undefined
    this.#training = this.#placesOf((each) => each.ready)
    this.#sinceFit = 0
    const ready = this.#training.map((place) => this.#panel[place]!)
    return {
      kind: 'refit',
      scores: ready.map((each) => each.remembered()),
      expectedScales: ready.map(({ member }) => expectedScale(member)),
    }
  }

  #placesOf(wanted: (each: CalibratedDetector) => boolean): number[] {
    return [...this.#panel.keys()].filter((place) => wanted(this.#panel[place]!))
  }

  finish(result: TrainingResult): void {
    const places = this.#training ?? this.#placesOf((each) => each.trainable)
    const first = !this.ready
    this.#training = undefined
    for (const [at, place] of places.entries()) this.#panel[place]!.finish(result[at]!)
    const learned = result[0]!.learned?.raw.length
    if (learned === undefined || (!first && !this.#anew)) return
    this.#forgetWaiting()
    this.#odd = 0
    this.#anew = false
    this.#drift = this.#monitor()
    this.#learned = learned
    this.#sinceFit = 0
  }

  /** The job was lost: the next one comes when it is due again. */
  lose(): void {
    this.#training = undefined
  }

  layers(): [string, { data: LayerData }][] {
    const waiting = [this.#waitingFrom, this.#waitingCount]
    const lately = [this.#odd, this.#vectorsPerDay, this.#anew ? 1 : 0, this.#sampledFor === 'join' ? 1 : 0]
    const counts = Float64Array.of(this.#learned, this.#sinceFit, this.#sampled, ...waiting, ...lately)
    const layers: [string, { data: LayerData }][] = [['learner.counts', { data: counts }]]
    for (const each of this.#panel) layers.push(...each.layers())
    if (this.#drift !== undefined) layers.push(['learner.drift', { data: this.#drift.save() }])
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
    const [learned, sinceFit, sampled, from, count, odd, perDay, anew, joining] = layers.float64(
      'learner.counts',
      9,
    )
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
    this.#anew = anew === 1
    if (layers.has('learner.drift')) {
      this.#drift = this.#monitor()
      this.#drift.load(layers.bytes('learner.drift'))
    }
    this.#sampled = this.#sample === undefined ? 0 : sampled!
    if (this.ready && this.#sample !== undefined) this.#sampledFor = joining === 1 ? 'join' : 'anew'
  }
}

/** Moves what begins at `from` to the front, and what was before it behind. */
function rotate(array: Float64Array, from: number): void {
  if (from === 0) return
  const front = array.slice(0, from)
  array.copyWithin(0, from)
  array.set(front, array.length - from)
}
