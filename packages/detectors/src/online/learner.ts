import type { Layers } from '../codec/layers.ts'
import type { LayerData } from '../codec/model.ts'
import { featuresOf } from '../create.ts'
import { type Circumstances, type Drift, DriftMonitor, type DriftOptions } from '../drift/monitor.ts'
import type { Weights } from '../network/weights.ts'
import { packed } from '../statistics/room.ts'
import { vectorsPerDay } from './budget.ts'
import { CalibratedDetector } from './calibrated-detector.ts'
import { checkPanel, type Judgement, type PanelMember, panelSeverity } from './panel.ts'
import { type Purpose, Sample } from './sample.ts'
import { fitOptions, type TrainingJob, type TrainingResult } from './training.ts'
import { WaitingVectors } from './waiting.ts'

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
  /** Severity from which a vector is odd. */
  readonly threshold: number
  /** Something else says that this is no normal operation. */
  readonly withheld: boolean
}

/** Told when a member begins to score a vector, and when it is done. */
export interface Stopwatch {
  start(): void
  stop(member: string): void
}

/** Smallest change of a score that is a drift: of its level in standard deviations, of its deviation as a factor. */
const DRIFT = { size: 2, ratio: 2 }
const DAY_MS = 86_400_000
/** Scores that a calibration is fitted on: this many refit intervals. */
const REMEMBERED_REFITS = 4
/** Of vectors over a sliding window one score in so many is remembered: its neighbours say the same. */
const OVERLAPPING = 4

/** How scores were watched last: the same for the next entity of a stream, mostly, so that not each has options of its own. */
const monitored = new WeakMap<LearnerOptions, DriftOptions>()

/**
 * The learned state of one entity: a panel of detectors that learn the same vectors, and the samples for the next fit. Says when a
 * job is due; who runs it is not its concern.
 */
export class Learner {
  readonly #options: LearnerOptions
  readonly #panel: readonly CalibratedDetector[]
  #learned = 0
  #sinceFit = 0
  /** Only while a fit is being prepared, since it is larger than all else. */
  #sample: Sample | undefined
  /** Odd vectors beyond the others lately: up by one, down by one. */
  #odd = 0
  #waiting: WaitingVectors | undefined
  #drift: DriftMonitor | undefined
  /** A drift asks for a fit from scratch: the vectors that come are gathered for it. */
  #anew = false
  #vectorsPerDay = Number.NaN
  /** Places of the members that a job is under way for. */
  #training: readonly number[] | undefined

  /** @throws RangeError when the members are no panel */
  constructor(options: LearnerOptions) {
    checkPanel(options.members)
    const { members, warmUp, refitEvery, windowMs = 0 } = options
    this.#options = options
    const apart = windowMs > 0 ? OVERLAPPING : 1
    // A third more than by that, since they say nearly the same, not the very same.
    const remembered = Math.ceil((REMEMBERED_REFITS * refitEvery) / (apart === 1 ? 1 : 0.75 * apart))
    this.#panel = members.map((member) => new CalibratedDetector(member, Math.max(warmUp, remembered), apart))
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
    return this.ready ? this.#learned : (this.#sample?.count ?? 0)
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
    { odd, threshold, withheld, ...circumstances }: Surroundings,
  ): Drift | undefined {
    if (!this.ready) {
      this.#keep('warm_up', values, timeMs)
      return undefined
    }
    this.#odd = odd ? Math.min(this.relearnAfter, this.#odd + 1) : Math.max(0, this.#odd - 1)
    if (!withheld)
      for (const [m, each] of this.#panel.entries())
        each.count(each.relative(judgement.raw[m]!), odd, threshold)
    // What waits to be learned led up to an anomaly.
    if (odd || withheld) this.#waiting?.forget()
    else this.#learn(values, judgement, timeMs)
    if (this.#odd === 0) this.#anew = false
    if (this.#anew || this.#odd > this.#persist - this.#options.warmUp) this.#keep('anew', values, timeMs)
    else if (!this.#joining) this.#sample = undefined
    else if (!odd && !withheld) this.#keep('join', values, timeMs)
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

  /** Begins to watch the scores, and to let vectors wait; or begins anew. */
  #watch(): void {
    const options = this.#watchedBy()
    this.#waiting?.forget()
    if (this.#drift?.options === options) this.#drift.reset()
    else if (this.#waiting !== undefined) this.#drift = packed((room) => new DriftMonitor(options, room))
    else {
      const scores = this.#panel.length
      const { drift, waiting } = packed((room) => ({
        drift: new DriftMonitor(options, room),
        waiting: new WaitingVectors(this.#width, scores, room),
      }))
      this.#drift = drift
      this.#waiting = waiting
    }
  }

  #watchedBy(): DriftOptions {
    const batch = this.#batch
    const persist = this.#persist
    for (const known of [this.#drift?.options, monitored.get(this.#options)])
      if (known?.batch === batch && known.persist === persist) return known
    const { members, warmUp } = this.#options
    const features = members.map(({ name }) => name)
    const options = { features, reference: warmUp, batch, ...DRIFT, persist }
    monitored.set(this.#options, options)
    return options
  }

  /** Odd vectors beyond the others after which all is learned anew; more than the vectors of the warm-up. */
  get relearnAfter(): number {
    return Math.max(4 * this.#options.refitEvery, 2 * this.#options.warmUp)
  }

  /** Takes a normal vector, and learns those that have waited long enough. */
  #learn(values: Float64Array, { raw }: Judgement, timeMs: number): void {
    const panel = this.#panel
    const due = this.#waiting?.due() ?? []
    for (let m = 0; m < panel.length; m++)
      for (const waited of due) panel[m]!.learn(waited.vector, waited.scores[m]!, waited.timeMs)
    this.#learned += due.length
    this.#sinceFit += due.length
    const relative = raw.map((each, m) => panel[m]!.relative(each))
    this.#waiting?.add(values, relative, timeMs)
  }

  /** Some members can be fitted now that could not be at the warm-up. */
  get #joining(): boolean {
    return this.#panel.some((each) => each.trainable && !each.ready)
  }

  /** Keeps a vector for a fit from scratch; those for another purpose are forgotten. */
  #keep(purpose: Purpose, values: Float64Array, timeMs: number): void {
    if (this.#training !== undefined) return
    if (this.#sample?.purpose !== purpose)
      this.#sample = new Sample(purpose, this.#width, this.#options.warmUp)
    this.#sample.keep(values, timeMs)
  }

  /** Values of a vector. */
  get #width(): number {
    return featuresOf(this.#options.members[0]!.detector).length
  }

  /** The job that is due, if any; `finish` or `lose` must follow. Its buffers are the job's from now on. */
  due(): TrainingJob | undefined {
    if (this.#training !== undefined) return undefined
    const sample = this.#sample
    const wanted = !this.ready || (sample?.purpose === 'anew' ? this.#anew : this.#joining)
    if (wanted && sample?.full) {
      const { vectors, timesMs } = sample.give()
      this.#sample = undefined
      const joining = this.ready && sample.purpose === 'join'
      this.#training = this.#placesOf((each) => each.trainable && !(joining && each.ready))
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
      fits: ready.map(({ member }) => fitOptions(member)),
    }
  }

  #placesOf(wanted: (each: CalibratedDetector) => boolean): number[] {
    return [...this.#panel.keys()].filter((place) => wanted(this.#panel[place]!))
  }

  finish(result: TrainingResult): void {
    const places = this.#training ?? this.#placesOf((each) => each.trainable)
    const first = !this.ready
    this.#training = undefined
    const fresh =
      result[0]!.learned && packed((room) => places.map((place) => this.#panel[place]!.fresh(room)))
    for (const [at, place] of places.entries()) this.#panel[place]!.finish(result[at]!, fresh?.[at])
    const learned = result[0]!.learned?.raw.length
    if (learned === undefined || (!first && !this.#anew)) return
    this.#odd = 0
    this.#anew = false
    this.#watch()
    this.#learned = learned
    this.#sinceFit = 0
  }

  /** The job was lost: the next one comes when it is due again. */
  lose(): void {
    this.#training = undefined
  }

  layers(): [string, { data: LayerData }][] {
    const lately = [this.#odd, this.#vectorsPerDay, this.#anew ? 1 : 0]
    const counts = Float64Array.of(this.#learned, this.#sinceFit, ...lately)
    const layers: [string, { data: LayerData }][] = [['learner.counts', { data: counts }]]
    for (const each of this.#panel) layers.push(...each.layers())
    if (this.#drift !== undefined) layers.push(['learner.drift', { data: this.#drift.save() }])
    layers.push(...(this.#waiting?.layers() ?? []), ...(this.#sample?.layers() ?? []))
    return layers
  }

  /** @throws ModelError, and is then of no use any more. */
  restore(layers: Layers): void {
    const [learned, sinceFit, odd, perDay, anew] = layers.float64('learner.counts', 5)
    const saved = this.#panel.filter((each) => each.isIn(layers))
    const fresh = packed((room) => saved.map((each) => each.fresh(room)))
    for (const [at, each] of saved.entries()) each.restore(layers, fresh[at])
    this.#sample = Sample.from(layers, this.#width, this.#options.warmUp)
    this.#learned = learned!
    this.#sinceFit = sinceFit!
    this.#odd = odd!
    this.#vectorsPerDay = perDay!
    this.#anew = anew === 1
    if (this.ready || layers.has('learner.drift')) {
      this.#watch()
      this.#waiting?.restore(layers)
      if (layers.has('learner.drift')) this.#drift?.load(layers.bytes('learner.drift'))
    }
  }
}
