import { Layers } from '../codec/layers.ts'
import { encodeModel, type Layer } from '../codec/model.ts'
import { optionsLayer, sameOptions } from '../codec/options.ts'
import { Room } from '../statistics/room.ts'
import { Scratch } from '../statistics/scratch.ts'
import { ADWIN_DEFAULTS, AdwinBank, type AdwinOptions } from './adwin-bank.ts'
import { Batches } from './batches.ts'
import { Cycles } from './cycles.ts'
import { onset } from './onset.ts'
import { stationary } from './stationary.ts'

export interface DriftOptions {
  readonly features: readonly string[]
  /** Vectors that tell what was normal; 0: mean 0 and standard deviation 1, as standardised features have. */
  readonly reference: number
  /** Vectors that are averaged to one: more than they remember of one another. */
  readonly batch: number
  /** Smallest change of level, in standard deviations of the reference. Smaller ones are left to the forgetting of the detectors. */
  readonly size: number
  /** Smallest change of the standard deviation, as a factor up or down. */
  readonly ratio: number
  /** Vectors that a change lasts before it is permanent: more than incidents do. */
  readonly persist: number
  /** Period of the season whose shape is watched. */
  readonly seasonMs?: number
}

export interface Circumstances {
  /** An incident reaches the entity. */
  readonly incidentOpen: boolean
  /** From this vector on the entity runs another version. */
  readonly deployed: boolean
}

export interface Drift {
  readonly kind: 'level' | 'variance' | 'season'
  readonly feature: string
  /** What came before is of the past: learn from here. */
  readonly sinceMs: number
}

const KIND = 'drift'
const VERSION = 2
/** An open incident makes the wait so many times as long: one that never ends is the new normal too. */
const INCIDENT_PATIENCE = 4
/** After a deploy the wait is this part, for changes that began after it. */
const DEPLOY_SHARE = 0.25
/** Standard deviations, and logarithms of their ratio, beyond which a batch is no farther off. */
const FAR = 20
const FAR_SPREAD = 3
/** Smallest standard deviation of a reference. */
const SMALLEST = 0.05
/** Values beyond it are no farther off, and their squares stay finite. */
const LARGEST = 1e6
const MAX_BUCKETS = 3

/** Batches by which a level is still there. */
const LATEST = 5
const WORTH_A_LOOK = 0.6
/** Batches that are remembered, in waits. */
const REMEMBERED = 1.5
const vectors = new Scratch()

/**
 * Tells a permanent change of normal operation from an incident, by what lasts. Each feature's batch means, and the logarithms of its
 * batch deviations, run through an adaptive window, which holds no more than what has one mean. A change is permanent when
 * it has lasted for `persist` vectors, the mean since is off the reference by `size` (or the deviation by `ratio`), still there
 * and stationary, and no incident is open. An incident ends, and the window with it. A deploy shortens the wait to a quarter, an
 * open incident makes it four times as long. After a report it begins anew.
 *
 * Fails when: an incident lasts longer than `persist` without being told, or values of a season stay off for longer (feed
 * the residuals of a seasonal detector, or wait longer than the season's longest plateau). Changes on their way (ramps) are reported when
 * they have arrived. Cost O(features) a vector, O(features·log window) a batch; state about 1.7 KB a feature with the defaults of the tests, 0.4 KB more with a season.
 */
export class DriftMonitor {
  readonly options: DriftOptions
  readonly #batches: Batches
  /** Of the level of each feature; then of its spread. */
  readonly #windows: AdwinBank
  readonly #cycles: Cycles | undefined
  /** A ring for each window: the latest batch means, in reference deviations; then the batch deviations. */
  readonly #recent: Float32Array
  readonly #rings: number
  /** Length of a ring. */
  readonly #ring: number
  readonly #numbers: Float64Array
  /** In it: vectors seen, batches seen after the reference, vectors since a deploy. */
  readonly #state: number
  /** Ends of the latest batches in ms. */
  readonly #times: number
  /** Per feature of the reference: values, mean, squared distances; batches, mean of their log deviations. */
  readonly #reference: number
  readonly #vector: Float64Array

  constructor(options: DriftOptions, room = new Room()) {
    const width = options.features.length
    this.options = options
    this.#batches = new Batches(width, options.batch, room)
    // Room for the longest wait.
    const rows =
      Math.ceil(Math.log2(1 + (INCIDENT_PATIENCE * options.persist) / options.batch / MAX_BUCKETS)) + 1
    this.#windows = new AdwinBank(2 * width, windowsOf(rows), room)
    this.#vector = vectors.of(width)
    this.#cycles = options.seasonMs === undefined ? undefined : new Cycles(width, options.seasonMs)
    this.#ring = Math.max(4 * LATEST, Math.ceil((REMEMBERED * options.persist) / options.batch))
    const recent = room.float32(2 * width * this.#ring)
    this.#recent = recent.numbers
    this.#rings = recent.from
    const { numbers, from } = room.float64(3 + this.#ring + 5 * width)
    this.#numbers = numbers
    this.#state = from
    this.#times = from + 3
    this.#reference = this.#times + this.#ring
    numbers[this.#state + 2] = Number.POSITIVE_INFINITY
  }

  /** @param values standardised features, or raw scores; NaN: missing. Each vector once, whether anomalous or not. */
  add(values: Float64Array, timeMs: number, circumstances: Circumstances): Drift | undefined {
    const numbers = this.#numbers
    const state = this.#state
    const vector = this.#vector
    for (let i = 0; i < vector.length; i++) vector[i] = drawn(values[i]!, LARGEST)
    const seen = ++numbers[state]!
    numbers[state + 2] = circumstances.deployed ? 0 : numbers[state + 2]! + 1
    const drift = this.#season(vector, timeMs, circumstances)
    if (drift !== undefined) return this.#report(drift)
    if (seen <= this.options.reference) {
      this.#learn(vector)
      return undefined
    }
    if (!this.#batches.add(vector)) return undefined
    const slot = numbers[state + 1]!++ % this.#ring
    numbers[this.#times + slot] = timeMs
    for (let i = 0; i < vector.length; i++) this.#addBatch(i, slot)
    const found = this.#permanent(circumstances)
    return found === undefined ? undefined : this.#report(found)
  }

  /** Begins anew, as after a fit from scratch. */
  reset(): void {
    this.#batches.reset()
    this.#windows.reset()
    this.#cycles?.reset()
    const own = this.#own()
    for (const each of Object.values(own)) each.fill(0)
    own.state[2] = Number.POSITIVE_INFINITY
  }

  save(): Uint8Array {
    const { state, reference, recent, times } = this.#own()
    const layers = new Map<string, Layer>([
      optionsLayer(this.options),
      ['state', { data: state }],
      ['reference', { data: reference }],
      ['recent', { data: recent }],
      ['times', { data: times }],
      ['batch', this.#batches.layer()],
      ...this.#windowNames().flatMap((name, window) => this.#windows.layers(window, name)),
      ...(this.#cycles?.layers('cycle') ?? []),
    ])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  /** @throws ModelError, and is then as it was */
  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    sameOptions(layers, this.options)
    const own = this.#own()
    const state = layers.float64('state', own.state.length)
    const reference = layers.float64('reference', own.reference.length)
    const times = layers.float64('times', own.times.length)
    const recent = layers.float32('recent', own.recent.length)
    const parts = [
      this.#batches.read('batch', layers),
      ...this.#windowNames().map((name, window) => this.#windows.read(window, name, layers)),
      this.#cycles?.read('cycle', layers),
    ]
    for (const take of parts) take?.()
    own.state.set(state)
    own.reference.set(reference)
    own.times.set(times)
    own.recent.set(recent)
  }

  /** What it keeps of all features, itself, not a copy. */
  #own() {
    const width = this.#vector.length
    return {
      state: this.#numbers.subarray(this.#state, this.#times),
      times: this.#numbers.subarray(this.#times, this.#reference),
      reference: this.#numbers.subarray(this.#reference, this.#reference + 5 * width),
      recent: this.#recent.subarray(this.#rings, this.#rings + 2 * width * this.#ring),
    }
  }

  /** In their order. */
  #windowNames(): string[] {
    const { features } = this.options
    return [...features.map((_, i) => `level.${i}`), ...features.map((_, i) => `spread.${i}`)]
  }

  #report(drift: Drift): Drift {
    this.reset()
    return drift
  }

  #season(vector: Float64Array, timeMs: number, { incidentOpen }: Circumstances): Drift | undefined {
    const changed = this.#cycles?.add(vector, timeMs) ?? -1
    if (changed < 0 || incidentOpen || this.#cycles === undefined) return undefined
    return { kind: 'season', feature: this.options.features[changed]!, sinceMs: this.#cycles.sinceMs }
  }

  /** A vector of the reference: Welford's mean and squares, and its batches' deviations. */
  #learn(vector: Float64Array): void {
    const reference = this.#numbers
    const full = this.#batches.add(vector)
    for (let i = 0; i < vector.length; i++) {
      const at = this.#reference + 5 * i
      const value = vector[i]!
      if (!Number.isNaN(value)) {
        const before = value - reference[at + 1]!
        reference[at + 1]! += before / ++reference[at]!
        reference[at + 2]! += before * (value - reference[at + 1]!)
      }
      const spread = this.#batches.spreads[i]!
      if (full && !Number.isNaN(spread))
        reference[at + 4]! += (spread - reference[at + 4]!) / ++reference[at + 3]!
    }
  }

  #addBatch(i: number, slot: number): void {
    const reference = this.#numbers
    const at = this.#reference + 5 * i
    const level = i
    const spreads = this.#vector.length + i
    const mean = this.#batches.means[i]!
    if (Number.isNaN(mean)) return
    const given = reference[at]! > 1
    const deviation = given ? Math.max(SMALLEST, Math.sqrt(reference[at + 2]! / reference[at]!)) : 1
    const z = drawn((mean - (given ? reference[at + 1]! : 0)) / deviation, FAR)
    this.#recent[this.#ringOf(level) + slot] = z
    this.#windows.add(level, z)
    const spread = this.#batches.spreads[i]!
    // Without a reference the first batches are one.
    if (reference[at + 3]! < this.#ring && !given)
      reference[at + 4]! += (spread - reference[at + 4]!) / ++reference[at + 3]!
    const change = drawn(spread - reference[at + 4]!, FAR_SPREAD)
    this.#recent[this.#ringOf(spreads) + slot] = change
    this.#windows.add(spreads, change)
  }

  /** The largest change that has lasted, in parts of what a change must be. */
  #permanent(circumstances: Circumstances): Drift | undefined {
    const { features, size, ratio } = this.options
    let largest = 1
    let drift: Drift | undefined
    for (const [i, feature] of features.entries()) {
      for (const kind of ['level', 'variance'] as const) {
        const smallest = kind === 'level' ? size : Math.log(ratio)
        const window = kind === 'level' ? i : features.length + i
        // The window may still hold a little of what was before.
        if (Math.abs(this.#windows.mean(window)) < WORTH_A_LOOK * smallest) continue
        const { length, after } = this.#since(window)
        const change = Math.abs(meanOf(after)) / smallest
        if (change < largest || !this.#lasted(length, circumstances)) continue
        if (!settled(after, smallest)) continue
        largest = change
        drift = { kind, feature, sinceMs: this.#began(after.length) }
      }
    }
    return drift
  }

  /** Batches since the change, and those of them that are remembered. */
  #since(window: number): { length: number; after: Float64Array } {
    const seen = this.#numbers[this.#state + 1]!
    const size = this.#ring
    const ring = this.#ringOf(window)
    const remembered = Float64Array.from({ length: Math.min(size, seen) }, (_, k) => {
      return this.#recent[ring + ((seen - Math.min(size, seen) + k) % size)]!
    })
    const width = this.#windows.width(window)
    if (width >= remembered.length) return { length: width, after: remembered }
    const after = remembered.subarray(onset(remembered, Math.min(LATEST, remembered.length >> 1)))
    return { length: after.length, after }
  }

  #lasted(batches: number, { incidentOpen }: Circumstances): boolean {
    const { persist, batch } = this.options
    const sinceDeploy = this.#numbers[this.#state + 2]!
    const length = batches * batch
    const deployed = sinceDeploy + 2 * batch >= length && sinceDeploy < 2 * persist
    const wait = incidentOpen ? INCIDENT_PATIENCE : deployed ? DEPLOY_SHARE : 1
    return length >= wait * persist
  }

  /** End of the batch before the latest `batches` ones, as far as it is remembered. */
  #began(batches: number): number {
    const seen = this.#numbers[this.#state + 1]!
    const back = Math.min(batches + 1, seen, this.#ring)
    return this.#numbers[this.#times + ((seen - back) % this.#ring)]!
  }

  /** Where the ring of a window begins. */
  #ringOf(window: number): number {
    return this.#rings + window * this.#ring
  }
}

/** Options of the windows made last: those of the next entity are the same, mostly. */
let latest: AdwinOptions = { ...ADWIN_DEFAULTS, clock: 1, maxBuckets: MAX_BUCKETS }

function windowsOf(rows: number): AdwinOptions {
  if (latest.rows !== rows) latest = { ...latest, rows }
  return latest
}

/** Whether the new level is one: still there, not on its way, and steadier than it is far. */
function settled(after: Float64Array, smallest: number): boolean {
  const mean = meanOf(after)
  const latest = meanOf(after.subarray(-LATEST))
  if (latest * Math.sign(mean) < smallest / 2) return false
  const squares = after.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return Math.sqrt(squares / after.length) <= Math.abs(mean) / 2 && stationary(after)
}

const meanOf = (values: Float64Array): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length

const drawn = (value: number, limit: number): number => Math.max(-limit, Math.min(limit, value))
